"""Operations that run in the background: started, watched, answered, cancelled."""

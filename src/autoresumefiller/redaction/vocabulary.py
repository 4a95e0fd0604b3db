"""The words that `secrets` decides by. Lower case, as `words.key_words` makes them."""

# ruff: noqa: SIM905 - word lists are read and extended as words, not as quoted literals

# A key with one of these words has a secret as its value, whatever stands around it.
WORDS = frozenset(
    """
    authorization bearer cookie cookies cred credential credentials creds cvc cvv
    htpasswd jwt mnemonic
    passcode passphrase passphrases passwd password passwords pepper phpsessid psk pwd secret
    secrets sessid jsessionid contraseña hasło heslo jelszó kennwort lösenord mdp motdepasse
    palavrapasse parola passord passwort salasana senha wachtwoord пароль
    סיסמה 비밀번호 密码 密碼 パスワード
    暗証番号
""".split()
)

# Two neighbouring words that together are one.
PHRASES = frozenset(
    tuple(phrase.split("_"))
    for phrase in """
        pass_word pass_phrase pass_code auth_header authentication_header authorization_header
    de_passe mot_passe basic_auth http_auth proxy_auth
    auth_code authorization_code device_code backup_code backup_codes recovery_code recovery_codes
    recovery_phrase seed_phrase security_answer secret_answer pin_code connection_string conn_str
    connection_str li_at webhook_url webhook_uri webhook_urls webhooks_url sas_url sas_uri
    presigned_url signed_url access_signature session_data
""".split()
)

# At the end of a key, behind another word.
LAST_WORDS = frozenset({"pat", "pin", "otp", "totp", "sas", "dsn", "webhook", "webhooks"})

# `<word>_key` and `<word>_keys`.
SECRET_KEYS = frozenset(
    """
    access account activation admin aes ai anon api app application apps auth authentication aws
    azure bot cipher client cohere anthropic claude consumer cookie crypto decrypt decryption
    deploy deployment deepseek developer dev ecdsa ed25519 encrypt encryption fernet fireworks
    gemini google gpg groq hmac huggingface hf ingest ingestion integration jwe jws jwt kms ldap
    licence license llm mailchimp mailgun master mistral nacl ntlm openai openrouter pairing
    perplexity personal pgp priv prod product provider private replicate resend recovery root rsa
    sandbox secret security sendgrid serpapi server service session shared sign signature signing
    ssh ssl stripe subscription symmetric storage tls together twilio vault webhook wifi wpa write
    xai
""".split()
)

# `<word>_key` that opens nothing.
OTHER_KEYS = frozenset(
    """
    arrow cache candidate composite config dedup dict enter escape foreign function group hash hot
    i18n idempotency index issue json locale lookup map message meta modifier natural object page
    partition press primary public publishable range routing row search short shortcut sort
    translation unique
""".split()
)

# `<word>_token(s)` of a text or a language model.
TEXT_TOKENS = frozenset(
    """
    added audio avg begin bos budget cached chunk class cls completion context end eos eot
    estimated image input mask max maximum min minimum n new num number output overlap pad per
    prompt reasoning reserved response sep special start stop text thinking total truncate unk
    used
""".split()
)

# `<word>_tokens` of an account.
ACCESS_TOKENS = frozenset(
    """
    access api app auth bearer bot csrf device github gitlab id invite oauth oauth2 personal push
    refresh registration secret security session user
""".split()
)

# `<word>_pass`.
NOT_A_PASSWORD = frozenset(
    "all band boarding by first high low max min multi num one per render second single two".split()
)

# A value under one of these is a secret if it looks generated.
SUSPECT_WORDS = frozenset(
    """
    auth code hash key nonce otp pass pat pin salt seed session sid sig signature totp webhook
""".split()
)

# The last word of a key that says where the secret is, not what it is.
REFERENCE_TAILS = frozenset({"env", "file", "filename", "filepath", "id", "ids", "name", "path"})

# The last word of a key that says something about a secret.
ABOUT_TAILS = frozenset(
    """
        age alg algo day hour minute month second algorithm alias arn at attempts attribute
    audience backend banner based bits
    budget bytes change changed characters chars checker class cmd column command complexity
    consent cost count counter created date days desc description dir directory disabled domain
    duration enabled encoder encoding endpoint engine envvar exists expiration expire expired
    expires expiry field fields fingerprint folder format generator handler hasher header headers
    help helper hidden hint history hours httponly index interval issuer iterations jar kind label
    language len length level lifetime limit limits location manager max method middleware min
    minutes mode model modified module ms namespace note notes num number offset optional owner
    param parameter pattern permission permissions placeholder plugin policies policy position
    prefix present price property protected provider providers query rate realm ref reference
    regex regexp region required requirement requirements reset retries role roles rotation rounds
    rules samesite scheme scope scopes score script secs seconds secure set size source state
    status step storage store strategy strength suffix supported thumbprint time timeout timestamp
    title tries ttl type types until updated uri url usage used user username valid validation
    validator validity var variable variables verified version visible warning window
""".split()
)

# A first word that makes the key a switch: "use_token", "show_password".
SWITCHES = frozenset(
    """
    accept allow always ask block clear confirm detect disable enable enabled force forget
    generate has hide include is mask needs no prompt redact reject remember require required
    requires reveal rotate save send should show skip strip use uses validate verify with without
""".split()
)

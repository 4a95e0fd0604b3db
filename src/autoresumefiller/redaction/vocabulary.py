"""The words that `secrets` decides by. Lower case, as `words.key_words` makes them."""

# ruff: noqa: SIM905 - word lists are read and extended as words, not as quoted literals

# A key with one of these words has a secret as its value, whatever stands around it.
WORDS = frozenset(
    """
    authorization bearer cookie cookies cred credential credentials creds cvc cvv
    htpasswd jwt mnemonic
    passcode passkey passphrase passphrases passwd password passwords pepper phpsessid psk pwd
    secret secrets sessid jsessionid contrasena contraseña geheimnis hasło heslo jelszó kennwort
    kennwörter lösenord mdp motdepasse palavrapasse parola passord passwort passwörter salasana
    senha wachtwoord zugangsdaten пароль секрет
    סיסמה 비밀번호 비밀키 密码 密碼 密钥 密鑰 パスワード
    暗証番号 秘密鍵
""".split()
)

# Two neighbouring words that together are one.
PHRASES = frozenset(
    tuple(phrase.split("_"))
    for phrase in """
        pass_word pass_phrase pass_code auth_header authentication_header authorization_header
    de_passe mot_passe basic_auth http_auth proxy_auth
    auth_code authorization_code device_code backup_code backup_codes recovery_code recovery_codes
    recovery_phrase recovery_phrases seed_phrase seed_words totp_seed otp_seed mfa_seed wallet_seed
    api_schlüssel api_schluessel api_clave clave_api api_chave chave_api clave_secreta
    chave_secreta api_ключ ключ_api security_answer secret_answer pin_code connection_string
    conn_str connection_str li_at webhook_url webhook_uri webhook_urls webhooks_url sas_url sas_uri
    presigned_url signed_url access_signature session_data string_data
    oauth_access oauth_refresh oauth2_access oauth2_refresh
""".split()
)

# A right to work somewhere is no secret, and this program is for people who look for work.
NO_SECRETS = frozenset(
    {("work", "authorization"), ("employment", "authorization"), ("job", "authorization")}
)

# At the end of a key, behind another word.
LAST_WORDS = frozenset({"pat", "pin", "otp", "totp", "sas", "dsn", "webhook", "webhooks"})

# `<word>_key` and `<word>_keys`.
SECRET_KEYS = frozenset(
    """
    access account activation admin adzuna aes ai algolia anon anthropic api app application apps
    assemblyai auth authentication aws azure bot brave captcha cerebras cipher claude client cohere
    consumer cookie cosmos crypto dashscope decrypt decryption deepgram deepl deepseek deploy
    deployment dev developer ecdsa ed25519 elevenlabs encrypt encryption exa fernet firecrawl
    fireworks gemini google gpg grok groq hf hmac huggingface ingest ingestion integration jina
    jooble jwe jws jwt kimi kms langsmith ldap licence license llm mailchimp mailgun master mistral
    moonshot nacl ntlm nvidia openai openrouter openweather pairing perplexity personal pgp
    pinecone priv private prod product provider qwen rapidapi recovery replicate resend restricted
    role root rsa saml sandbox secret security sendgrid serpapi serper server service session
    shared sign signature signing ssh ssl storage stripe subscription supabase symmetric tavily tls
    together twilio unseal usajobs vault voyage webhook wifi wpa write xai zhipu
""".split()
)

# `<word>_key` that opens nothing.
OTHER_KEYS = frozenset(
    """
    arrow cache candidate composite config dedup dict enter escape foreign function group hash hot
    i18n idempotency index issue json locale lookup map message meta modifier natural object page
    partition press public publishable range routing row short shortcut sort
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
    age alg algo day hour minute month second algorithm alias arn at attempts attribute audience
    backend banner based bits budget bytes change changed characters chars checker class cmd
    column command complexity consent cost count counter created date days desc description dir
    directory disabled domain duration enabled encoder encoding endpoint engine envvar exists
    expiration expire expired expires expiry field fields fingerprint folder format generator
    handler hasher header headers help helper hidden hint history hours httponly in index interval
    issuer iterations jar kind label language len length level lifetime limit limits locator
    location manager max method middleware min minutes mode model modified module ms namespace
    note notes num number offset optional overlap owner param parameter pattern permission
    permissions placeholder plugin policies policy position prefix present price property
    protected provider providers query rate realm ref reference regex regexp region required
    requirement requirements reset retries role roles rotation rounds rules samesite scheme scope
    scopes score script secs selector selectors seconds secure set size source state status step
    storage store strategy strength suffix supported thumbprint time timeout timestamp title tries
    ttl type types until updated uri url usage used user username valid validation validator
    validity var variable variables verified version visibility visible warning window xpath
""".split()
)

# `{name: OPENAI_API_KEY, value: ...}`: the name is the key, the value is the value.
NAME_KEYS = frozenset(
    """
    env field header id k key label name option param parameter parameterkey property selector
    setting title type var variable
""".split()
)
VALUE_KEYS = frozenset("content data default parametervalue v val value".split())

# A first word that makes the key a switch: "use_token", "show_password".
SWITCHES = frozenset(
    """
    accept allow always ask block clear confirm detect disable enable enabled force forget
    generate has hide include is mask needs no prompt redact reject remember require required
    requires reveal rotate save send should show skip strip use uses validate verify with without
""".split()
)

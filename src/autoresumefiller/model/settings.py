"""The settings of config.yaml that this package acts on, and the file a new vault gets."""

from pydantic import BaseModel, ConfigDict, Field


class BackupSettings(BaseModel):
    """``backup.*``: how automatic backups are kept."""

    model_config = ConfigDict(extra="allow", frozen=True)

    auto_backup_enabled: bool = True
    max_backups: int = Field(default=10, ge=1, le=10_000)
    backup_before_import: bool = True


class EncryptionSettings(BaseModel):
    """``encryption.*``: never taken from an archive."""

    model_config = ConfigDict(extra="allow", frozen=True)

    recipients: tuple[str, ...] = ()
    encrypt_auto_backups: bool = True


class Settings(BaseModel):
    """What is read from config.yaml; every other key belongs to the application."""

    model_config = ConfigDict(extra="allow", frozen=True)

    version: str = "1.0"
    encryption_enabled: bool = False
    encryption: EncryptionSettings = EncryptionSettings()
    backup: BackupSettings = BackupSettings()


DEFAULT_CONFIG = """\
# Settings of AutoResumeFiller. Comments and layout are yours: they are kept.
version: "1.0"
data_directory: ""  # empty: the directory this file is in
data_structure: single
data_format: json
encryption_enabled: false

ai_providers:
  openai:
    enabled: false
    model: gpt-4
    max_tokens: 2000
    temperature: 0.7
    api_key: ""
  anthropic:
    enabled: false
    model: claude-3-sonnet
    max_tokens: 2000
    temperature: 0.7
    api_key: ""
  google:
    enabled: false
    model: gemini-pro
    max_tokens: 2000
    temperature: 0.7
    api_key: ""
selected_provider: openai

default_resume: ""
default_cover_letter: ""

server:
  host: 127.0.0.1
  port: 8765

gui:
  theme: system

backup:
  auto_backup_enabled: true
  max_backups: 10
  backup_before_import: true

logging:
  level: INFO
"""

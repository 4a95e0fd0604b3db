"""The words of the sample vault. The person is made up, as are all keys."""

from tools.sample_documents import Content

# Every secret in the sample's config.yaml. Plainly fake, each of a real form;
# none of them may appear in any member of any archive.
FAKE_SECRETS = (
    "sk-sample0000000000000000000000000000000000000000fake",
    "sk-ant-sample-0000000000000000000000000000-fake",
    "ghp_sample0000000000000000000000000000fake",
    "correct horse battery staple (sample)",
    "hunter2-sample",
)

CONFIG = f"""\
# Settings of Alex Sample. This comment, and every quote below, is mine.
version: "1.0"
data_directory: ""
data_structure: multiple
data_format: json
encryption_enabled: false

ai_providers:
  openai:
    enabled: true
    model: 'gpt-4'        # single quotes stay single
    max_tokens: 2000
    temperature: 0.70
    api_key: "{FAKE_SECRETS[0]}"
  anthropic: &provider
    enabled: true
    model: claude-3-sonnet
    max_tokens: 4_000
    temperature: 1e-1
    api_key: {FAKE_SECRETS[1]}
  google:
    enabled: false
    model: gemini-pro
    max_tokens: 2000
    temperature: 0.7
    api_key: ""           # none yet
selected_provider: openai

default_resume: "Résumé – Alex Sample.pdf"
default_cover_letter: General.docx

contact:
  phone: +15550100
  badge: 01234
  passport: "not a secret, the word only begins like one"
integrations:
  - name: code host
    token: {FAKE_SECRETS[2]}
  - name: mail
    user: alex.sample@example.org
    password: '{FAKE_SECRETS[3]}'
proxy: http://alex:{FAKE_SECRETS[4]}@proxy.example.org:8080

server:
  host: 127.0.0.1
  port: 8765
gui:
  theme: dark
backup:
  auto_backup_enabled: true
  max_backups: 10
  backup_before_import: true
logging:
  level: INFO
"""

PROFILE = {
    "version": "1.0",
    "last_updated": "2024-05-01T09:30:00Z",
    "personal_info": {
        "first_name": "Alex",
        "last_name": "Sample",
        "email": "alex.sample@example.org",
        "phone": "+1 (555) 010-0199",
        "linkedin_url": "https://social.example.org/in/alex-sample",
        "github_url": "https://code.example.org/alex-sample",
        "portfolio_url": "https://alex.example.org",
        "address": "1 Example Street",
        "city": "Sampleton",
        "state": "CA",
        "zip_code": "00501",
        "country": "USA",
    },
    "summary": "Engineer who turns vague wishes into dependable software. Naïve façades avoided.",
    "education": [
        {
            "institution": "Example University",
            "degree": "Bachelor of Science",
            "field_of_study": "Computer Science",
            "start_date": "2012-09",
            "end_date": "2016-06",
            "gpa": 3.7,
            "honors": ["Dean's List"],
            "relevant_coursework": ["Operating Systems", "Compilers"],
        },
        {
            "institution": "Université d'Exemple",
            "degree": "Master",
            "field_of_study": "Génie logiciel",
            "start_date": "2016-09",
            "end_date": "2018-06",
        },
    ],
    "work_experience": [
        {
            "company": "Sample Works GmbH",
            "position": "Software Engineer",
            "start_date": "2018-09",
            "end_date": "2021-12",
            "location": "Köln",
            "responsibilities": ["Built the billing service", "Kept it running"],
            "achievements": ["Cut month-end closing from days to hours"],
            "technologies": ["Python", "PostgreSQL"],
        },
        {
            "company": "Example Health",
            "position": "Senior Engineer",
            "start_date": "2022-01",
            "end_date": "Present",
            "responsibilities": ["Lead a team of five"],
            "technologies": ["Python", "TypeScript"],
        },
    ],
    "skills": ["Python", "SQL", "Writing", "日本語 (basic)"],
    "projects": [
        {
            "name": "Tidy",
            "description": "Sorts the folders that nobody sorts",
            "start_date": "2020-01",
            "end_date": "2020-06",
            "url": "https://tidy.example.org",
            "technologies": ["Rust"],
            "highlights": ["200 users"],
        }
    ],
    "certifications": [
        {
            "name": "Certified Example",
            "issuer": "Example Board",
            "date_obtained": "2023-03",
            "expiration_date": "2026-03",
            "credential_id": "EX-0001",
        }
    ],
    "pronouns": "they/them",  # a field that the schema does not know: it is kept
}

DATA_FILES = {
    "data/application_history.json": '{"applications": [{"company": "Example Inc"}]}\n',
    "data/answers/why this company.md": "# Why us?\n\nBecause the sample says so.\n",
}

_ENGINEER = ("Alex Sample, Sampleton.", "Engineer with eight years of practice.")
_LETTER = ("Dear reader,", "I would like to work with you.", "Alex Sample")

RESUMES = (
    ("resumes/software_engineer.pdf", Content(title="Software Engineer", paragraphs=_ENGINEER)),
    ("resumes/fullstack_developer.pdf", Content(title="Full-stack", paragraphs=_ENGINEER)),
    ("resumes/Résumé – Alex Sample.pdf", Content(title="Résumé", paragraphs=_ENGINEER)),
    (
        "resumes/2024/applications/Lebenslauf für Köln.docx",
        Content(title="Lebenslauf", paragraphs=_ENGINEER),
    ),
    (
        "resumes/2024/applications/data engineer (final) v2.pdf",
        Content(title="Data", paragraphs=_ENGINEER),
    ),
    ("resumes/2023/Sample, Alex - CV.docx", Content(title="CV", paragraphs=_ENGINEER)),
    ("resumes/portfolio 🎨.pdf", Content(title="Portfolio", paragraphs=_ENGINEER)),
    ("resumes/plain text.txt", Content(title="ALEX SAMPLE", paragraphs=_ENGINEER)),
)
LETTERS = (
    ("cover_letters/general_cover_letter.pdf", Content(title="Application", paragraphs=_LETTER)),
    ("cover_letters/General.docx", Content(title="Application", paragraphs=_LETTER)),
    ("cover_letters/応募/カバーレター.docx", Content(title="Application", paragraphs=_LETTER)),
    ("cover_letters/Мотивационное письмо.pdf", Content(title="Application", paragraphs=_LETTER)),
)
NOTES = {
    "resumes/notes/empty.txt": "",
    "resumes/notes/100% honest & 'quoted' #1.txt": "A name with the signs people use.\n",
    "cover_letters/ideas.md": "- be brief\n- be kind\n",
}

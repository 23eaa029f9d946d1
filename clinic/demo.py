"""The demo clinic's sign-ins: public on purpose, which is why a real clinic never runs on its data (clinic/checks.py)."""

DEMO_PASSWORD = "allclear demo"  # noqa: S105
DEMO_SIGN_INS = {
    "receptionist": "receptionist@clinic.example",
    "practitioner": "practitioner@clinic.example",
    "manager": "manager@clinic.example",
}
DEMO_SITE = "Demo clinic, High Street"

"""“Forgotten password”: mailed to those who have chosen one before."""

from allauth.account.forms import ResetPasswordForm

from clinic.models import Staff


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """Says the same whoever asks. Somebody invited chooses a first password by the invitation, while it holds, or not at all."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        found: list[Staff] = self.users  # type: ignore[has-type]
        self.users = [one for one in found if one.state == Staff.State.ACTIVE]
        return email

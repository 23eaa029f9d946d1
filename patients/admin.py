from django.contrib import admin

from clinic.admin import ReadOnly
from patients.models import Consent, Patient

admin.site.register([Patient, Consent], ReadOnly)

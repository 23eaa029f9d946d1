"""Every address below /api/v1/."""

from django.urls import path

from clinic.api_docs import Docs, Schema
from treatments.api import (
    appointments,
    catalogue,
    free_times,
    patients,
    photos,
    reviews,
    sessions,
    side_effects,
    worklists,
)

urlpatterns = [
    path("schema/", Schema.as_view(), name="schema"),
    path("docs/", Docs.as_view(), name="docs"),
    path("treatments/", catalogue.Treatments.as_view()),
    path("staff/", catalogue.StaffMembers.as_view()),
    path("rooms/", catalogue.Rooms.as_view()),
    path("patients/", patients.Patients.as_view()),
    path("patients/<uuid:id>/", patients.OnePatient.as_view()),
    path("patients/<uuid:id>/consents/", patients.Consents.as_view()),
    path("patients/<uuid:id>/eligibility/", patients.Eligibility.as_view()),
    path("free-times/", free_times.FreeTimes.as_view()),
    path("appointments/", appointments.Appointments.as_view()),
    path("appointments/<uuid:id>/", appointments.OneAppointment.as_view()),
    path("appointments/<uuid:id>/move/", appointments.Move.as_view()),
    path("appointments/<uuid:id>/cancel/", appointments.Cancel.as_view()),
    path("appointments/<uuid:id>/confirm/", appointments.Confirm.as_view()),
    path("appointments/<uuid:id>/check-in/", appointments.CheckIn.as_view()),
    path("appointments/<uuid:id>/no-show/", appointments.NoShow.as_view()),
    path("appointments/<uuid:id>/review-instead/", appointments.ReviewInstead.as_view()),
    path("appointments/<uuid:id>/undo/", appointments.Undo.as_view()),
    path("appointments/<uuid:id>/start/", appointments.Start.as_view()),
    path("sessions/<uuid:id>/", sessions.OneSession.as_view()),
    path("sessions/<uuid:id>/finish/", sessions.Finish.as_view()),
    path("side-effects/", side_effects.SideEffects.as_view()),
    path("side-effects/together/", side_effects.SeveralSideEffects.as_view()),
    path("side-effects/<uuid:id>/", side_effects.OneSideEffect.as_view()),
    path("side-effects/<uuid:id>/reviews/", reviews.Reviews.as_view()),
    path("side-effects/<uuid:id>/referral-steps/", reviews.ReferralSteps.as_view()),
    path("side-effects/<uuid:id>/photos/", photos.Photos.as_view()),
    path("side-effects/<uuid:id>/enter-in-error/", side_effects.EnterInError.as_view()),
    path("side-effects/<uuid:id>/wrong-patient/", side_effects.WrongPatient.as_view()),
    path("photos/<uuid:id>/", photos.OnePhoto.as_view()),
    path("photos/<uuid:id>/file/", photos.PhotoFiles.as_view()),
    path("worklists/", worklists.Worklists.as_view()),
]

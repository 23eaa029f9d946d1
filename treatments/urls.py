from django.urls import path

from treatments.views import appointments, booking, chart, photos, sessions, side_effects, today, worklists

urlpatterns = [
    path("", today.today, name="today"),
    path("day/", today.day_list, name="day-list"),
    path("worklists/", worklists.worklists, name="worklists"),
    path("patients/<uuid:patient_id>/", chart.chart, name="chart"),
    path("patients/<uuid:patient_id>/book/", booking.book, name="book"),
    path("patients/<uuid:patient_id>/clear-again/close/", worklists.close_clear_again, name="close-clear-again"),
    path("patients/<uuid:patient_id>/none-seen/", side_effects.none_seen, name="none-seen"),
    path("patients/<uuid:patient_id>/side-effects/new/", side_effects.log, name="side-effect-log"),
    path("appointments/<uuid:appointment_id>/", appointments.appointment, name="appointment"),
    path("appointments/<uuid:appointment_id>/move/", appointments.move, name="appointment-move"),
    path("appointments/<uuid:appointment_id>/start/", sessions.start, name="session-start"),
    path("appointments/<uuid:appointment_id>/bruising-found/", sessions.bruising_found, name="bruising-found"),
    # confirm, check-in, cancel, no-show, review-instead: by POST
    path("appointments/<uuid:appointment_id>/<slug:step>/", appointments.step, name="appointment-step"),
    path("sessions/<uuid:session_id>/", sessions.session, name="session"),
    path("sessions/<uuid:session_id>/finish/", sessions.finish, name="session-finish"),
    path("side-effects/<uuid:side_effect_id>/", side_effects.side_effect, name="side-effect"),
    path("side-effects/<uuid:side_effect_id>/review/", side_effects.review, name="review"),
    path("side-effects/<uuid:side_effect_id>/enter-in-error/", side_effects.enter_in_error, name="enter-in-error"),
    path("side-effects/<uuid:side_effect_id>/wrong-patient/", side_effects.wrong_patient, name="wrong-patient"),
    path("side-effects/<uuid:side_effect_id>/photos/", photos.add, name="photo-add"),
    path("photos/<uuid:photo_id>/", photos.photo, name="photo"),
    path("photos/<uuid:photo_id>/<slug:size>.jpg", photos.file, name="photo-file"),
]

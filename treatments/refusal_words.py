"""What was refused, in words: a refusal keeps codes only (clinic/models/refusal.py)."""

ATTEMPTED = {
    "book_appointment": "Booking",
    "lay_out_course": "Booking of a course",
    "move_appointment": "Move of an appointment",
    "confirm_appointment": "Confirming a held appointment",
    "check_in": "Check-in",
    "cancel_appointment": "Cancelling",
    "mark_no_show": "No-show",
    "review_instead": "Review instead",
    "start_session": "Start of a session",
    "write_session": "Writing in a session's record",
    "finish_session": "Signing a session's record",
    "write_and_finish": "Signing a session's record",
    "write_and_copy": "Copying the last session's record",
    "open_lot": "Opening a vial",
    "quarantine_lot": "Putting a lot in quarantine",
    "release_lot": "Releasing a lot",
    "report_side_effect": "Logging a side effect",
    "review_side_effect": "Review of a side effect",
    "enter_in_error": "Entering in error",
    "record_none_seen": "“No side effects seen”",
    "add_photo": "Taking in a photo",
    "merge_patients": "Merging two records",
    "undo_merge": "Undoing a merge",
    "recall_lot": "Recall of a lot",
    "change_letter": "Change of a recall's letter",
    "tell_patient": "Noting who was told of a recall",
    "tell_by_letter": "Noting who was told of a recall",
    "end_recall": "End of a recall",
    "erase_contact_data": "Erasing contact data",
    "sign_off": "Review of a record",
    "sign_off_several": "Review of several records",
}
REFUSED = {
    "bruising-present": "bruising is present",
    "bruising-reported": "bruising was reported and not yet seen",
    "infection-suspected": "an infection is suspected",
    "practitioner-not-trained": "the practitioner has no valid mesotherapy training on record",
    "treatment-consent-missing": "the consent to treatment is not on record",
    "photo-consent-missing": "the consent to photos is not on record",
    "skin-check-missing": "the skin was not checked just before",
    "practitioner-busy": "the practitioner was taken at that time",
    "room-busy": "the room was taken at that time",
    "patient-busy": "the patient had another appointment at that time",
    "outside-hours": "it was outside working hours",
    "wrong-status": "it had changed meanwhile",
    "changed-meanwhile": "somebody had saved the record since that page was opened",
    "session-signed": "the record was signed already",
    "lot-expired": "the lot had expired",
    "lot-quarantined": "the lot was in quarantine",
    "recall-open": "the lot is recalled",
    "recall-untold": "the patient had not been told of a recall",
    "side-effect-open": "a side effect was still open",
    "booked-ahead": "an appointment was booked ahead",
    "waiting-list": "the patient was on the waiting list",
    "own-record": "it was their own record",
    "allergy-recorded": "an allergy on record speaks against the product",
}


def attempted_words(operation: str) -> str:
    """“Booking”. An operation or address without words of its own is named as it is."""
    return ATTEMPTED.get(operation) or operation.replace("_", " ").replace("-", " ").capitalize()


def refused_words(code: str) -> str:
    return REFUSED.get(code) or code.replace("-", " ")

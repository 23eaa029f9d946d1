from treatments.models.appointment import Appointment, Hold
from treatments.models.closure import Closure
from treatments.models.contact import Call, FollowUp, WaitingListEntry
from treatments.models.course import Course
from treatments.models.merge import Merge, MergedRow
from treatments.models.message import Message, MessageTemplate
from treatments.models.photo import Photo, PhotoFile
from treatments.models.review import Review
from treatments.models.session import Session
from treatments.models.side_effect import SideEffect
from treatments.models.skin_check import SkinCheck
from treatments.models.training import TrainingRecord
from treatments.models.treatment import Treatment

__all__ = [
    "Appointment",
    "Call",
    "Closure",
    "Course",
    "FollowUp",
    "Hold",
    "Merge",
    "MergedRow",
    "Message",
    "MessageTemplate",
    "Photo",
    "PhotoFile",
    "Review",
    "Session",
    "SideEffect",
    "SkinCheck",
    "TrainingRecord",
    "Treatment",
    "WaitingListEntry",
]

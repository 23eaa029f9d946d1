from treatments.models.addendum import Addendum, Draft
from treatments.models.alert import Alert, Recall, RecallCall
from treatments.models.appointment import Appointment, Hold
from treatments.models.closure import Closure
from treatments.models.contact import Call, FollowUp, WaitingListEntry
from treatments.models.course import Course
from treatments.models.deviation import Deviation
from treatments.models.figure import ClearingFigure, CountedMonth, MonthFigure, WatchFigure
from treatments.models.lot import Lot, LotUse, Product
from treatments.models.merge import Merge, MergedRow
from treatments.models.message import Message, MessageTemplate
from treatments.models.photo import Photo, PhotoFile
from treatments.models.referral import ReferralStep
from treatments.models.review import Review
from treatments.models.session import AsepsisItem, Session
from treatments.models.sheet import Sheet, SheetGiven
from treatments.models.side_effect import SideEffect
from treatments.models.sign_off import SignOff
from treatments.models.skin_check import SkinCheck
from treatments.models.training import TrainingRecord
from treatments.models.treatment import Treatment

__all__ = [
    "Addendum",
    "Alert",
    "Appointment",
    "AsepsisItem",
    "Call",
    "ClearingFigure",
    "Closure",
    "CountedMonth",
    "Course",
    "Deviation",
    "Draft",
    "FollowUp",
    "Hold",
    "Lot",
    "LotUse",
    "Merge",
    "MergedRow",
    "Message",
    "MessageTemplate",
    "MonthFigure",
    "Photo",
    "PhotoFile",
    "Product",
    "Recall",
    "RecallCall",
    "ReferralStep",
    "Review",
    "Session",
    "Sheet",
    "SheetGiven",
    "SideEffect",
    "SignOff",
    "SkinCheck",
    "TrainingRecord",
    "Treatment",
    "WaitingListEntry",
    "WatchFigure",
]

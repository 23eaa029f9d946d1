"""Is a product one that the patient's record of allergies speaks of? By whole words, whatever their case and accents."""

import re
import unicodedata

from clinic.refusals import Blocker
from patients.models import Patient
from treatments.models import Product

# Words that many products and many sentences share, and that name no substance.
SAY_NOTHING = frozenset(
    [
        "a",
        "about",
        "acid",
        "all",
        "allergic",
        "allergies",
        "allergy",
        "an",
        "and",
        "any",
        "as",
        "at",
        "bad",
        "been",
        "by",
        "cream",
        "doctor",
        "drug",
        "for",
        "from",
        "given",
        "had",
        "has",
        "have",
        "he",
        "her",
        "his",
        "hydrochloride",
        "in",
        "injection",
        "is",
        "it",
        "known",
        "local",
        "mg",
        "ml",
        "nil",
        "no",
        "none",
        "not",
        "of",
        "on",
        "once",
        "or",
        "our",
        "patient",
        "rash",
        "reaction",
        "reacts",
        "reported",
        "severe",
        "she",
        "since",
        "skin",
        "sodium",
        "solution",
        "some",
        "sterile",
        "strong",
        "test",
        "the",
        "their",
        "they",
        "to",
        "told",
        "use",
        "was",
        "water",
        "when",
        "with",
        "year",
        "years",
    ]
)


def words_of(text: str) -> frozenset[str]:
    """“Lidocaïne 1 %” → lidocaine"""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    return frozenset(word for word in re.findall(r"[^\W\d_]+", plain) if len(word) > 2) - SAY_NOTHING


def allergy_blockers(patient: Patient, product: Product) -> list[Blocker]:
    """A reason where a word of the patient's allergies is one of the product's name or allergens; [] otherwise."""
    if not words_of(patient.allergies) & words_of(f"{product.name} {product.allergens}"):
        return []
    return [
        Blocker(
            "allergy-recorded",
            "The patient's record speaks against this product.",
            clinical=f"Allergies on record: “{patient.allergies}”. That speaks against {product.name}.",
            lifts_when="Choose another product; where the record of allergies is wrong, correct it first.",
        )
    ]

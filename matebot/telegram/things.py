"""What people send that is neither text nor a file: places, contacts, dice, gifts… Pure."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from aiogram import types

from matebot.core.message import Attachment, AttachmentKind
from matebot.telegram.people import chat_title, full_name, names_of
from matebot.telegram.places import coordinates, map_link

# https://core.telegram.org/bots/payments/currencies.json: digits behind the point, where not two.
_WHOLE: Final = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF XTR".split()  # noqa: SIM905 (a list of words is read more easily so)
)
_THOUSANDTHS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_MEDIA_SIGNS: Final = {"photo": "📷", "live_photo": "📷", "video": "🎬", "preview": "🔒"}


def amount(currency: str, smallest_units: int) -> str:
    """An amount of money, such as ``12.50 EUR``; Telegram's own stars as ``50 ⭐``."""
    if currency == "XTR":
        return f"{smallest_units} ⭐"
    digits = 0 if currency in _WHOLE else 3 if currency in _THOUSANDTHS else 2
    return f"{smallest_units / 10**digits:.{digits}f} {currency}"


def _location(location: types.Location) -> Attachment:
    where = location.latitude, location.longitude
    live = location.live_period is not None
    kind = AttachmentKind.LIVE_LOCATION if live else AttachmentKind.LOCATION
    return Attachment(kind, coordinates(*where), link=map_link(*where))


def _venue(venue: types.Venue) -> Attachment:
    where = venue.location.latitude, venue.location.longitude
    place = f"{venue.address}\n{coordinates(*where)}".strip()
    return Attachment(AttachmentKind.LOCATION, venue.title, detail=place, link=map_link(*where))


def _contact(contact: types.Contact) -> Attachment:
    name = full_name(contact.first_name, contact.last_name)
    return Attachment(AttachmentKind.CONTACT, name or None, detail=contact.phone_number)


def _poll(poll: types.Poll) -> Attachment:
    """The poll to be read where it cannot be shown as one (see `Message.poll`)."""
    options = "\n".join(f"• {option.text}" for option in poll.options)
    return Attachment(AttachmentKind.POLL, poll.question, detail=options)


def _dice(dice: types.Dice) -> Attachment:
    return Attachment(AttachmentKind.DICE, f"{dice.emoji} {dice.value}")


def _game(game: types.Game) -> Attachment:
    return Attachment(AttachmentKind.GAME, game.title, detail=game.description)


def _story(story: types.Story) -> Attachment:
    name = story.chat.username
    link = f"https://t.me/{name}/s/{story.id}" if name else None
    return Attachment(AttachmentKind.STORY, chat_title(story.chat), link=link)


def _invoice(invoice: types.Invoice) -> Attachment:
    title = f"{invoice.title} – {amount(invoice.currency, invoice.total_amount)}"
    return Attachment(AttachmentKind.INVOICE, title, detail=invoice.description)


def _paid_media(paid: types.PaidMediaInfo) -> Attachment:
    signs = " ".join(_MEDIA_SIGNS.get(str(each.type), "📎") for each in paid.paid_media)
    return Attachment(AttachmentKind.PAID_MEDIA, f"{paid.star_count} ⭐", detail=signs)


def _giveaway(giveaway: types.Giveaway) -> Attachment:
    lines = (
        giveaway.prize_description or "",
        f"→ {_moment(giveaway.winners_selection_date)}",
        ", ".join(map(chat_title, giveaway.chats)),
    )
    return Attachment(
        AttachmentKind.GIVEAWAY, _prizes(giveaway), detail="\n".join(filter(None, lines))
    )


def _winners(drawn: types.GiveawayWinners) -> Attachment:
    more = drawn.winner_count - len(drawn.winners)
    names = names_of(drawn.winners) + (f" (+{more})" if more > 0 else "")
    lines = (drawn.prize_description or "", names)
    return Attachment(
        AttachmentKind.GIVEAWAY_WINNERS, _prizes(drawn), detail="\n".join(filter(None, lines))
    )


def _prizes(giveaway: types.Giveaway | types.GiveawayWinners) -> str:
    """What is won and how often, such as ``3 × Telegram Premium``."""
    if giveaway.prize_star_count:
        return f"{giveaway.prize_star_count} ⭐ : {giveaway.winner_count}"
    if giveaway.premium_subscription_month_count:
        return f"{giveaway.winner_count} × Telegram Premium"
    return f"{giveaway.winner_count} × 🎁"


def _gift(info: types.GiftInfo) -> Attachment:
    gift = info.gift
    return Attachment(AttachmentKind.GIFT, f"{gift.sticker.emoji or '🎁'} {gift.star_count} ⭐")


def _unique_gift(info: types.UniqueGiftInfo) -> Attachment:
    gift = info.gift
    name = f"{gift.base_name} #{gift.number}"
    return Attachment(AttachmentKind.GIFT, name, link=f"https://t.me/nft/{gift.name}")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


BUILDERS: Final[dict[str, Callable[[Any], Attachment]]] = {
    "location": _location,
    "venue": _venue,
    "contact": _contact,
    "poll": _poll,
    "dice": _dice,
    "game": _game,
    "story": _story,
    "invoice": _invoice,
    "paid_media": _paid_media,
    "giveaway": _giveaway,
    "giveaway_winners": _winners,
    "gift": _gift,
    "unique_gift": _unique_gift,
}
"""What each field of a message becomes."""

"""The desk: who takes part, with what budget, and who has paid for and been given what they bought."""

from collections.abc import Callable

from bidroom.rules.answers import Reason
from bidroom.rules.control import HandOver, Invite, MarkPaid, ReplaceToken, SetBudget
from bidroom.rules.decision import Decision, accept, refuse
from bidroom.rules.events import BidderRegistered, BudgetSet, PurchasesHandedOver, PurchasesPaid, TokenReplaced
from bidroom.rules.state import RoomState, Sale


def invite(state: RoomState, command: Invite, at: int) -> Decision:
    """A bidder is registered before they come, with a code that lets them in."""
    if command.bidder in state.bidders or (command.paddle is not None and command.paddle in state.paddles):
        return refuse(command.id, Reason.ALREADY)
    registered = BidderRegistered(
        seq=state.seq,
        sub=state.sub + 1,
        at=at,
        bidder=command.bidder,
        token_hash=command.token_hash,
        salt=command.salt,
        name=command.name,
        paddle=command.paddle,
        budget=command.budget,
        email=command.email,
        by=command.by,
    )
    return accept(command.id, registered)


def set_budget(state: RoomState, command: SetBudget, at: int) -> Decision:
    """What a bidder may spend. Bids that stand go on standing, also above it."""
    name = state.find_bidder(command.bidder)
    if name is None:
        return refuse(command.id, Reason.UNKNOWN_BIDDER)
    if state.bidders[name].budget == command.budget:
        return refuse(command.id, Reason.ALREADY)
    return accept(
        command.id,
        BudgetSet(
            seq=state.seq,
            sub=state.sub + 1,
            at=at,
            bidder=name,
            budget=command.budget,
            by=command.by,
            salt=command.salt,
        ),
    )


def replace_token(state: RoomState, command: ReplaceToken, at: int) -> Decision:
    """A bidder who lost their token comes back with another one."""
    name = state.find_bidder(command.bidder)
    if name is None:
        return refuse(command.id, Reason.UNKNOWN_BIDDER)
    return accept(
        command.id,
        TokenReplaced(
            seq=state.seq,
            sub=state.sub + 1,
            at=at,
            bidder=name,
            token_hash=command.token_hash,
            by=command.by,
            salt=command.salt,
        ),
    )


def mark_paid(state: RoomState, command: MarkPaid, at: int) -> Decision:
    """One purchase is paid, or everything that the bidder still owes."""
    found = _purchases(state, command, lambda sale: sale.paid is not None)
    if isinstance(found, Reason):
        return refuse(command.id, found)
    return accept(
        command.id,
        PurchasesPaid(
            seq=state.seq,
            sub=state.sub + 1,
            at=at,
            bidder=found[0].bidder,
            sales=tuple(sale.seq for sale in found),
            amount=sum(sale.amount for sale in found),
            how=command.how,
            by=command.by,
            salt=command.salt,
        ),
    )


def hand_over(state: RoomState, command: HandOver, at: int) -> Decision:
    """One purchase is handed over, or everything that the bidder bought."""
    found = _purchases(state, command, lambda sale: sale.handed_over is not None)
    if isinstance(found, Reason):
        return refuse(command.id, found)
    return accept(
        command.id,
        PurchasesHandedOver(
            seq=state.seq,
            sub=state.sub + 1,
            at=at,
            bidder=found[0].bidder,
            sales=tuple(sale.seq for sale in found),
            by=command.by,
            salt=command.salt,
        ),
    )


def _purchases(state: RoomState, command: MarkPaid | HandOver, is_done: Callable[[Sale], bool]) -> list[Sale] | Reason:
    """The purchases that are meant and not yet done; or why there are none."""
    name = state.find_bidder(command.bidder)
    if name is None:
        return Reason.UNKNOWN_BIDDER
    meant = [sale for sale in state.sales.values() if sale.bidder == name and command.sale in (None, sale.seq)]
    if not meant:
        return Reason.NO_SUCH_SALE
    return [sale for sale in meant if not is_done(sale)] or Reason.ALREADY

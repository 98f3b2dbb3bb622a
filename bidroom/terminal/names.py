"""Names for bidders that were given none."""

from random import SystemRandom

_FIRST = (
    "Able Amber Bold Brave Brisk Calm Clever Copper Coral Cosy Daring Eager Early Fair Fleet Gentle Golden Grand Happy "
    "Hardy Hazel Honest Indigo Ivory Jolly Keen Kind Lively Lucky Mellow Merry Misty Noble Olive Patient Plucky Proud "
    "Quick Quiet Rapid Ready Ruby Rustic Scarlet Shiny Silver Sleepy Smart Snowy Spry Steady Sunny Swift Tidy Velvet "
    "Violet Warm Wise Witty Zesty"
)
_SECOND = (
    "Badger Beaver Bison Bunting Crane Cricket Curlew Dingo Dolphin Dove Eagle Egret Falcon Ferret Finch Fox Gannet "
    "Gecko Goose Grouse Hare Heron Hornet Ibex Ibis Jackdaw Kestrel Kiwi Lark Lemur Linnet Lynx Magpie Marten Mole "
    "Newt Oriole Osprey Otter Owl Panda Pelican Pigeon Plover Puffin Quail Rabbit Raven Robin Salmon Seal Shrew"
    " Sparrow Squirrel Stoat Stork Swan Tapir Teal Thrush Toad Trout Turtle Vole Weasel Wombat Wren Yak Zebra"
)


def pleasant_name() -> str:
    """A name that hardly anybody else will have, and that is a pleasure to lose against."""
    chance = SystemRandom()
    return f"{chance.choice(_FIRST.split())} {chance.choice(_SECOND.split())} {chance.randint(100, 999)}"

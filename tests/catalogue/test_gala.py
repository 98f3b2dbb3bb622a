"""The catalogue of a real charity gala, as its platform exported it, comes in whole and without editing.

The file is not Bidroom's own, so it is no part of the project. Where it is not beside it, `HERE` alone is read, which
has the same headings, byte order mark, line ends and kinds of dirt.
"""

from collections import Counter
from pathlib import Path

import pytest

from bidroom.catalogue import CatalogueError, CsvOptions, interpret_catalogue
from tests.catalogue.sheets import NOW, Desk

GALA = Path(__file__).parents[3] / "shared" / "data" / "gala-catalogue.csv"
SGD = CsvOptions(currency="SGD")

HERE = (
    "\ufeffid,category,name,starting_price,minimum_increment,live_auction_item,units_available\r\n"
    '1,hotel,"Manor house, 4D/3N for a family† or† 6† persons",10000,200,FALSE,1\r\n'
    '2,Jewelery,"""Heart"" 4.17ct ring, 18K gold",4000,100,FALSE,1\r\n'
    "3,Art,Leaf' by Helena OíNeill (worth $700++),500,50,FALSE,2\r\n"
    "4,Food,Little Farmsí Selection,500,50,FALSE,1\r\n"
    "5,Food,Little Farms Selection,450,50,FALSE,1\r\n"
    "6,Food,Little Farms Selection,450,50,FALSE,1\r\n"
)


def test_its_kind_of_file_comes_in(desk: Desk):
    reading = desk.read(HERE, SGD)
    terms = reading.catalogue.terms
    assert [item.id for item in terms.items] == ["1", "2", "3", "4", "5", "6"]
    assert terms.items[1].name == '"Heart" 4.17ct ring, 18K gold'
    assert sum(item.starting_price * item.units for item in terms.items) == 1_640_000
    assert reading.encoding == "UTF-8 with a byte order mark"
    ignored, broken, repeated = reading.warnings
    assert ignored.startswith('ignored: "live_auction_item";')
    assert broken.startswith("3 items with characters that look like a broken encoding (í †): 1, 3, 4;")
    assert repeated.endswith("5 = 6")


@pytest.mark.skipif(not GALA.exists(), reason="the real file is not beside the project")
class TestTheRealOne:
    def test_it_comes_in_whole(self):
        reading = interpret_catalogue(GALA, NOW, SGD)
        terms = reading.catalogue.terms
        assert (terms.id, terms.name, terms.currency) == ("gala-catalogue", "Gala catalogue", "SGD")
        assert [item.id for item in terms.items] == [str(number) for number in range(1, 136)]
        assert sum(item.starting_price for item in terms.items) == 14_469_000
        assert sum(item.units for item in terms.items) == 135
        assert Counter(item.increment for item in terms.items) == {5_000: 91, 10_000: 41, 20_000: 3}
        assert len({item.category for item in terms.items}) == 8
        assert terms.items[37].name.startswith('"Heart of the Ocean" 4.17ct')
        assert reading.catalogue.reserves == {}

    def test_what_is_odd_about_it_is_told(self):
        ignored, broken, repeated = interpret_catalogue(GALA, NOW, SGD).warnings
        assert ignored.startswith('ignored: "live_auction_item";')
        assert "(Æ ë í †): 4, 93, 97, 120, 129;" in broken
        assert repeated.endswith("18 = 19, 112 = 113, 125 = 126")

    def test_it_does_not_say_its_currency(self):
        with pytest.raises(CatalogueError, match="doesn't say its currency; say it with --currency"):
            interpret_catalogue(GALA, NOW)

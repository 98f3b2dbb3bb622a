"""A catalogue as a spreadsheet saves it: CSV in any usual encoding, delimiter, language and way to write money.

Strategy: nothing is guessed from a single cell. Encoding, delimiter, the meaning of columns, the currency and the
decimal mark are each settled once for the file or the column, and told; then every row becomes a table like one of a
TOML file.
"""

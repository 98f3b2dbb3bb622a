"""`python3 -m bidroom` is the `bidroom` command; in a fresh clone it sets itself up first."""

from bidroom import bootstrap

if __name__ == "__main__":
    bootstrap.ensure()

    from bidroom.cli import main

    main()

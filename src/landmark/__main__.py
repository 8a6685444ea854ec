"""`python -m landmark` is `landmark`."""

from landmark.cli import main

if __name__ == "__main__":
    main()

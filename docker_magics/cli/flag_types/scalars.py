"""Numbers of the docker CLI: CPUs, memory with swap.

source: docker/cli, opts/opts.go.
"""

from __future__ import annotations

from docker_magics.wire import go


def size_or_unlimited(text: str) -> int:
    """Return bytes, or -1 for no limit: MemSwapBytes."""
    return -1 if text == "-1" else go.ram_in_bytes(text)


def nano_cpus(text: str) -> int:
    """Return CPUs in billionths, of `1.5` or `1/2`: ParseCPUs.

    Raises:
        ValueError: the text is not a number, or has more than nine decimal places.
    """
    from fractions import Fraction

    number, slash, divisor = text.partition("/")
    try:
        if slash:
            cpus = Fraction(go.parse_int(number, 0), go.parse_int(divisor, 0))
        else:
            cpus = go.parse_rational(number)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"failed to parse {text} as a rational number") from None
    nanos = cpus * 1_000_000_000
    if nanos.denominator != 1:
        raise ValueError("value is too precise")
    return int(nanos)

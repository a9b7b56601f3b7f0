"""Figures and how sure they are: shares (Wilson), means (Student), NPS (its own variance). All at 95 %."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

Z = 1.959963984540054
#: Student's t for 1 to 6 degrees of freedom, where the series below is not good enough.
_T = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469)
#: A figure made of fewer anonymous answers than this is not shown to anybody.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, from how many answers, and where the true one lies with 95 % confidence; no bounds from one answer."""

    value: float
    n: int
    low: float | None
    high: float | None

    @property
    def half(self) -> float | None:
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def share(hits: int, n: int) -> Estimate | None:
    """Wilson's interval: stays within 0 and 1, and honest for small n."""
    if n <= 0:
        return None
    p, zz = hits / n, Z * Z
    middle = (p + zz / (2 * n)) / (1 + zz / n)
    half = Z / (1 + zz / n) * sqrt(p * (1 - p) / n + zz / (4 * n * n))
    return Estimate(p, n, max(0.0, min(p, middle - half)), min(1.0, max(p, middle + half)))


def student(freedom: int) -> float:
    """The 97.5 % point of Student's t (Cornish and Fisher's series)."""
    if freedom <= len(_T):
        return _T[freedom - 1]
    z, v = Z, float(freedom)
    return (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )


def mean(counts: Mapping[float, int]) -> Estimate | None:
    """The mean of values that occurred so often; Student's interval."""
    n = sum(counts.values())
    if n <= 0:
        return None
    middle = sum(value * k for value, k in counts.items()) / n
    if n == 1:
        return Estimate(middle, 1, None, None)
    variance = sum(k * (value - middle) ** 2 for value, k in counts.items()) / (n - 1)
    half = student(n - 1) * sqrt(variance / n)
    return Estimate(middle, n, middle - half, middle + half)


@dataclass(frozen=True, slots=True)
class Nps:
    """Net promoter score in points, −100 to 100. `variance` is of one answer that counts +1, 0 or −1."""

    promoters: int
    passives: int
    detractors: int

    @property
    def n(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> float:
        return (self.promoters - self.detractors) / self.n * 100

    @property
    def variance(self) -> float:
        p, d = self.promoters / self.n, self.detractors / self.n
        return p + d - (p - d) ** 2

    @property
    def half(self) -> float:
        """± points."""
        return Z * sqrt(self.variance / self.n) * 100

    @property
    def estimate(self) -> Estimate:
        return Estimate(self.score, self.n, max(-100.0, self.score - self.half), min(100.0, self.score + self.half))


def nps(counts: Mapping[float, int]) -> Nps | None:
    """Of the answers 0 to 10: 9 and 10 promote, 7 and 8 are passive, 6 and less detract."""
    if not sum(counts.values()):
        return None
    return Nps(
        promoters=sum(k for value, k in counts.items() if value >= 9),
        passives=sum(k for value, k in counts.items() if 7 <= value <= 8),
        detractors=sum(k for value, k in counts.items() if value <= 6),
    )


def enough(n: int, anonymous: int) -> bool:
    """Whether figures of `n` answers, of them `anonymous`, may be shown."""
    return anonymous == 0 or anonymous >= FEWEST

/** Estimates with 95 % intervals, as `ci_sim.studies.statistics.intervals` makes them. */

export interface Estimate {
  estimate: number;
  low: number;
  high: number;
  n: number;
}

const Z = 1.959963984540054; // of the standard normal distribution, at 0.975

/** Return the quantile of Student's t at 0.975 (Hill 1970: within 1e-4 from three degrees of freedom on). */
export function tQuantile(freedom: number): number {
  if (freedom < 3) return freedom === 1 ? 12.706204736 : 4.30265273;
  const [z, f] = [Z, freedom];
  const z2 = z * z;
  const terms = [
    (z2 + 1) / (4 * f),
    ((5 * z2 + 16) * z2 + 3) / (96 * f ** 2),
    (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * f ** 3),
    ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * f ** 4),
  ];
  return z * terms.reduce((sum, term) => sum + term, 1);
}

/** Return a share of n yes-or-no values with the score interval (Wilson 1927). */
export function share(yes: number, n: number): Estimate {
  if (!n) return { estimate: NaN, low: NaN, high: NaN, n };
  const p = yes / n;
  const scale = 1 + (Z * Z) / n;
  const center = (p + (Z * Z) / (2 * n)) / scale;
  const half = Math.sqrt(Z * Z * ((p * (1 - p)) / n + (Z * Z) / (4 * n * n))) / scale;
  return { estimate: p, low: Math.max(0, center - half), high: Math.min(1, center + half), n };
}

/** Return the difference a - b of two paired proportions (Agresti & Min 2005). */
export function riskDifference(a: number[], b: number[]): Estimate {
  const n = a.length;
  if (!n) return { estimate: NaN, low: NaN, high: NaN, n };
  const gains = a.filter((value, i) => value > b[i]).length;
  const losses = a.filter((value, i) => value < b[i]).length;
  const [gained, lost] = [gains + 0.5, losses + 0.5];
  const center = (gained - lost) / (n + 2);
  const half = (Z * Math.sqrt(gained + lost - (gained - lost) ** 2 / (n + 2))) / (n + 2);
  return { estimate: (gains - losses) / n, low: Math.max(-1, center - half), high: Math.min(1, center + half), n };
}

/** Return the mean of the paired differences a - b, over the pairs known in both, with its t interval. */
export function meanDifference(a: number[], b: number[]): Estimate {
  const apart = a.map((value, i) => value - b[i]).filter((value) => !Number.isNaN(value));
  const n = apart.length;
  const mean = n ? apart.reduce((sum, value) => sum + value, 0) / n : NaN;
  if (n < 2) return { estimate: mean, low: NaN, high: NaN, n };
  const variance = apart.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = tQuantile(n - 1) * Math.sqrt(variance / n);
  return { estimate: mean, low: mean - half, high: mean + half, n };
}

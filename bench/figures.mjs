/** @returns the value below which such a share (0 to 1) of the values lies; undefined when there are none */
export function quantile(values, share) {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);

/** The middle of the rounds, and the half of them around it. */
export const spread = (rounds) => ({
  median: median(rounds),
  lower: quantile(rounds, 0.25),
  upper: quantile(rounds, 0.75),
});

/** By how much `y` grows for each 1 of `x`: the line of least squares. */
export function slope(points) {
  const meanOf = (axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [meanOf('x'), meanOf('y')];
  const along = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return along / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}

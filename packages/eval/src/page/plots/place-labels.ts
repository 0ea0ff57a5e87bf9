/** A rectangle of the picture: its left upper corner and its size. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point that wants its name beside it. */
export interface Anchor {
  readonly x: number;
  readonly y: number;
  /** Size of the name. */
  readonly width: number;
  readonly height: number;
}

/**
 * A place for each name, in their order: as near to its point as is free of other names and of what must stay visible,
 * and within the picture. Where nothing is free, the place that hides least.
 */
export function placeLabels(anchors: readonly Anchor[], obstacles: readonly Box[], frame: Box): readonly Box[] {
  const taken = [...obstacles];
  return anchors.map((anchor) => {
    let best: { readonly box: Box; readonly hidden: number } | undefined;
    for (const box of candidates(anchor)) {
      if (!isWithin(box, frame)) continue;
      const hidden = taken.reduce((sum, other) => sum + overlap(box, other), 0);
      if (best === undefined || hidden < best.hidden) best = { box, hidden };
      if (hidden === 0) break;
    }
    const { box } = best ?? { box: clamped({ ...anchor, x: anchor.x + nearest }, frame) };
    taken.push(box);
    return box;
  });
}

const nearest = 9;

/** Right, left, above, below, then further and further away. */
function* candidates({ x, y, width, height }: Anchor): Generator<Box> {
  for (let distance = nearest; distance <= 150; distance += 8) {
    for (const angle of angles) {
      const across = Math.cos(angle);
      const along = Math.sin(angle);
      const side = Math.abs(across) < 0.3 ? width / 2 : across > 0 ? 0 : width;
      yield { x: x + across * distance - side, y: y - along * distance - height / 2, width, height };
    }
  }
}

const angles = [0, 0.25, -0.25, 1, 0.75, -0.75, 0.5, -0.5, 0.125, -0.125, 0.875, -0.875].map(
  (turns) => turns * Math.PI,
);

export function overlap(one: Box, other: Box): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return width > 0 && height > 0 ? width * height : 0;
}

export function isWithin(box: Box, frame: Box): boolean {
  return (
    box.x >= frame.x &&
    box.y >= frame.y &&
    box.x + box.width <= frame.x + frame.width &&
    box.y + box.height <= frame.y + frame.height
  );
}

function clamped(box: Box, frame: Box): Box {
  return {
    ...box,
    x: Math.max(frame.x, Math.min(box.x, frame.x + frame.width - box.width)),
    y: Math.max(frame.y, Math.min(box.y, frame.y + frame.height - box.height)),
  };
}

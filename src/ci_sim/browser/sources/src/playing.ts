/** Weeks that go by by themselves. */

import { useEffect, useRef, useState } from "preact/hooks";
import { usePage } from "./shared";

/** Return whether the weeks go by, up to the last, and what turns that; at the end it begins anew. */
export function usePlaying(week: number, last: number, milliseconds: number): [boolean, () => void] {
  const { go } = usePage();
  const [playing, play] = useState(false);
  const now = useRef(week);
  now.current = week;
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => (now.current >= last ? play(false) : go({ week: now.current + 1 })), milliseconds);
    return () => clearInterval(timer);
  }, [playing, last, milliseconds]);
  const turn = (): void => {
    if (week >= last) go({ week: 0 });
    play(!playing || week >= last);
  };
  return [playing, turn];
}

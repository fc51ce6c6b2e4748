/** What all views share: the words, the plans, and how the page is told of changes. */

import { createContext, type ComponentChildren, type JSX } from "preact";
import { useContext, useState } from "preact/hooks";
import type { Address } from "./address";
import type { Plan } from "./plan";
import { tables, type Dated, type Given } from "./tables";
import type { Words } from "./words";

/** What `ci-sim explore` gives the page. */
export interface Beginning {
  locale: string;
  seed: number;
  plans: Plan[]; // one, or two to be compared
  happenings: Dated[];
  own: Given | null;
}

/** Return a text that the page holds. */
export function held(id: string): string {
  return document.getElementById(id)!.textContent!;
}

export const beginning = JSON.parse(held("beginning")) as Beginning;

export interface Page {
  module: WebAssembly.Module;
  address: Address;
  own: Given | null; // the user's partners
  go: (change: Partial<Address>) => void;
  setPlan: (which: 0 | 1, plan: Plan) => void;
  setOwn: (own: Given) => void;
}

export const PageContext = createContext<Page | null>(null);

export const WordsContext = createContext<Words | null>(null);

/** Return the page's state; who asks is drawn again whenever any of it changes, each week for one. */
export function usePage(): Page & { words: Words } {
  return { ...useContext(PageContext)!, words: useWords() };
}

export function useWords(): Words {
  return useContext(WordsContext)!;
}

const kept = new Map<string, unknown>();

/** State as `useState` gives it, that is not lost when the reader looks at another view meanwhile. */
export function useKept<T>(name: string, first: () => T): [T, (value: T) => void] {
  const [value, set] = useState<T>(() => (kept.has(name) ? (kept.get(name) as T) : first()));
  kept.set(name, value);
  return [value, set];
}

export const SECTOR_COLOURS = ["var(--government)", "var(--business)", "var(--civil-society)"];

export function sectorName(words: Words, sector: number): string {
  return words.t(`sectors.${tables.lists.sectors[sector]}`);
}

export function stageName(words: Words, stage: number): string {
  return words.t(`stages.${[...tables.lists.stages, "launched"][stage]}`);
}

/** The mark of a sector, as it is drawn in all pictures. */
export function SectorMark({ sector }: { sector: number }): JSX.Element {
  const shapes = [
    <rect x="2" y="2" width="10" height="10" />,
    <path d="M7 1 L13 12 L1 12 Z" />,
    <circle cx="7" cy="7" r="5.5" />,
  ];
  return (
    <svg class="mark" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" style={{ fill: SECTOR_COLOURS[sector] }}>
      {shapes[sector]}
    </svg>
  );
}

export function Notice({ kind, children }: { kind: "error" | "note"; children: ComponentChildren }): JSX.Element {
  return (
    <div class={`notice ${kind}`} role={kind === "error" ? "alert" : "status"}>
      {children}
    </div>
  );
}

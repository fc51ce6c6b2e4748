/** The network on a canvas, with what a mouse, a keyboard and a screen reader need to use it. */

import type { JSX, TargetedMouseEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Course } from "./course";
import { Network, type Colours } from "./network";
import { SectorMark, sectorName, useWords } from "./shared";
import { tables } from "./tables";

interface Props {
  course: Course;
  week: number;
  selected: number | null;
  select: (who: number | null) => void;
  emphasized?: number[];
  legend?: boolean;
}

const NAMES: Record<string, string> = {
  sector0: "--government",
  sector1: "--business",
  sector2: "--civil-society",
  ink: "--ink",
  paper: "--paper",
  tie: "--tie",
  signed: "--signed",
  circle: "--circle",
  stands: "--stands",
  edge: "--edge",
  charter: "--charter",
  alarm: "--alarm",
};

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  return Object.fromEntries(Object.entries(NAMES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]));
}

export function Picture({ course, week, selected, select, emphasized = [], legend = true }: Props): JSX.Element {
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const network = useRef<Network | null>(null);
  const asked = useRef(0);
  const [hovered, hover] = useState<string | null>(null);

  const animate = (): void => {
    cancelAnimationFrame(asked.current);
    const step = (): void => {
      if (network.current?.frame()) asked.current = requestAnimationFrame(step);
    };
    asked.current = requestAnimationFrame(step);
  };
  useEffect(() => {
    network.current ??= new Network(canvas.current!);
    network.current.colours = coloursOf(canvas.current!);
    network.current.selected = selected;
    network.current.emphasized = new Set(emphasized);
    network.current.show(course, week);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) network.current.settle();
    animate();
  }, [course, week, selected, emphasized.join()]);
  useEffect(() => {
    const repaint = (): void => {
      if (!canvas.current) return;
      network.current!.colours = coloursOf(canvas.current!);
      animate();
    };
    const sized = new ResizeObserver(repaint);
    sized.observe(canvas.current!);
    const themed = new MutationObserver(repaint);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      cancelAnimationFrame(asked.current);
      sized.disconnect();
      themed.disconnect();
    };
  }, []);

  const under = (event: TargetedMouseEvent<HTMLCanvasElement>): number | null =>
    network.current!.at(event.offsetX, event.offsetY);
  const point = (event: TargetedMouseEvent<HTMLCanvasElement>): void => {
    const who = under(event);
    network.current!.hovered = who;
    hover(who === null ? null : course.job.partners.names[who]);
    animate();
  };
  const members = course.weeks[week].state.column("state.orgs", "membership").filter((m) => m === 1).length;
  const inside = course.weeks[week].state.column("state.orgs", "inside").filter(Boolean).length;
  return (
    <figure class="picture">
      <canvas
        ref={canvas}
        role="img"
        aria-label={words.t("watch.picture", { week, members, inside, all: course.job.partners.ids.length })}
        title={hovered ?? undefined}
        onMouseMove={point}
        onMouseLeave={point}
        onClick={(event) => select(under(event))}
      />
      {legend && (
        <figcaption class="legend">
          {tables.lists.sectors.map((sector, s) => (
            <span key={sector}>
              <SectorMark sector={s} /> {sectorName(words, s)}
            </span>
          ))}
          <span>{words.t("watch.legend")}</span>
        </figcaption>
      )}
    </figure>
  );
}

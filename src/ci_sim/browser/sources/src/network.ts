/** The picture of the organizations: nearer to the middle, the closer to the joint effort; drawn on a canvas, moved by forces. */

import { forceCollide, forceSimulation, forceX, forceY, type Simulation, type SimulationNodeDatum } from "d3-force";
import { LEFT, UNINVITED, type Course } from "./course";

interface Node extends SimulationNodeDatum {
  index: number;
  sector: number;
  radius: number;
  angle: number;
  targetX: number;
  targetY: number;
}

/** How far from the middle each state of an organization is drawn, as a share of the picture's half width. */
const RINGS = { inside: 0.24, intends: 0.44, member: 0.62, uninvited: 0.9, left: 0.97 };
export const CIRCLE = 0.74; // the edge of the circle
const NAMED = 40; // organizations up to which all are named
const SETTLED = 0.02;
const FIRST_PICTURE = "first picture"; // what the page's benchmark looks for

export interface Colours {
  [name: string]: string;
}

export class Network {
  private nodes: Node[] = [];
  private simulation: Simulation<Node, undefined> | null = null;
  private course: Course | null = null;
  private week = 0;
  private standings: (keyof typeof RINGS)[] = [];
  selected: number | null = null;
  hovered: number | null = null;
  emphasized = new Set<number>();
  colours: Colours = {};

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** Show another run, from a week on. */
  show(course: Course, week: number): void {
    const same = this.course !== null && this.course.job.partners.ids.join() === course.job.partners.ids.join();
    this.course = course;
    if (!same) this.place();
    this.setWeek(week);
    if (!same) this.settle();
  }

  setWeek(week: number): void {
    this.week = Math.min(week, this.course!.last);
    this.aim();
    this.simulation?.alpha(0.5);
  }

  /** Move at once to where everyone belongs, as for readers who want no motion. */
  settle(): void {
    this.simulation?.alpha(1).tick(120);
    this.simulation?.alpha(0);
    this.draw();
  }

  /** Move a little and draw; return whether there is more to move. */
  frame(): boolean {
    if (!this.course) return false;
    const moving = (this.simulation?.alpha() ?? 0) > SETTLED;
    if (moving) this.simulation!.tick();
    this.draw();
    return moving;
  }

  /** Return the organization at a place of the canvas, in CSS pixels from its corner, or null. */
  at(x: number, y: number): number | null {
    const [px, py] = this.toPicture(x, y);
    const near = this.nodes
      .map((node) => ({ node, apart: Math.hypot(node.x! - px, node.y! - py) - node.radius }))
      .sort((a, b) => a.apart - b.apart)[0];
    return near && near.apart < 0.02 ? near.node.index : null;
  }

  private toPicture(x: number, y: number): [number, number] {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const scale = Math.min(width, height) / 2;
    return [(x - width / 2) / scale, (y - height / 2) / scale];
  }

  private place(): void {
    const state = this.course!.weeks[0].state;
    const sectors = state.column("state.orgs", "sector");
    const influence = state.column("state.orgs", "influence");
    const size = sectors.length;
    const unit = Math.min(0.05, 0.32 / Math.sqrt(size));
    const order = sectors.map((_, i) => i).sort((a, b) => sectors[a] - sectors[b] || a - b);
    this.nodes = sectors.map((sector, index) => {
      const angle = -Math.PI / 2 + (2 * Math.PI * (order.indexOf(index) + 0.5)) / size;
      const radius = unit * Math.max(0.55, Math.min(1.7, Math.sqrt(influence[index])));
      const [x, y] = [Math.cos(angle) * RINGS.uninvited, Math.sin(angle) * RINGS.uninvited];
      return { index, sector, radius, angle, targetX: x, targetY: y, x, y };
    });
    this.simulation = forceSimulation(this.nodes)
      .force("x", forceX<Node>((node) => node.targetX).strength(0.25))
      .force("y", forceY<Node>((node) => node.targetY).strength(0.25))
      .force("apart", forceCollide<Node>((node) => node.radius * 1.18).strength(0.8))
      .alphaDecay(0.04)
      .velocityDecay(0.5)
      .stop();
  }

  private aim(): void {
    this.standings = this.nodes.map(({ index }) => this.standingOf(index));
    for (const node of this.nodes) {
      const ring = RINGS[this.standings[node.index]];
      node.targetX = Math.cos(node.angle) * ring;
      node.targetY = Math.sin(node.angle) * ring;
    }
    // forces remember where they were told to pull
    this.simulation?.force("x", forceX<Node>((node) => node.targetX).strength(0.25));
    this.simulation?.force("y", forceY<Node>((node) => node.targetY).strength(0.25));
  }

  private standingOf(i: number): keyof typeof RINGS {
    const { state } = this.course!.weeks[this.week];
    const membership = state.field("state.orgs", i, "membership");
    if (membership === UNINVITED) return "uninvited";
    if (membership === LEFT) return "left";
    if (state.field("state.orgs", i, "inside")) return "inside";
    return state.field("state.orgs", i, "intends") ? "intends" : "member";
  }

  private draw(): void {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
    }
    const pen = this.canvas.getContext("2d")!;
    const scale = Math.min(width, height) / 2;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.translate(width / 2, height / 2);
    pen.scale(scale, scale);
    this.drawCircle(pen, 1 / scale);
    this.drawTies(pen, 1 / scale);
    for (const node of this.nodes) this.drawNode(pen, node, 1 / scale);
    pen.setTransform(ratio, 0, 0, ratio, (width / 2) * ratio, (height / 2) * ratio);
    this.drawNames(pen, scale);
    if (!performance.getEntriesByName(FIRST_PICTURE).length) performance.mark(FIRST_PICTURE);
  }

  private drawCircle(pen: CanvasRenderingContext2D, pixel: number): void {
    const { state } = this.course!.weeks[this.week];
    const charter = state.field("state.initiative", 0, "charter_week") > 0;
    const stands = state.field("state.initiative", 0, "standing") === 1;
    pen.beginPath();
    pen.arc(0, 0, CIRCLE, 0, 2 * Math.PI);
    pen.fillStyle = stands ? this.colours.stands : this.colours.circle;
    pen.fill();
    pen.lineWidth = (charter ? 4 : 1.5) * pixel;
    pen.strokeStyle = charter ? this.colours.charter : this.colours.edge;
    pen.setLineDash(charter ? [] : [6 * pixel, 5 * pixel]);
    pen.stroke();
    pen.setLineDash([]);
  }

  private drawTies(pen: CanvasRenderingContext2D, pixel: number): void {
    const { ties } = this.course!.weeks[this.week];
    const member = this.standings.map((standing) => standing !== "uninvited" && standing !== "left");
    const focus = this.selected ?? this.hovered;
    for (const { a, b, trust, agreement } of ties) {
      const focused = focus === null || a === focus || b === focus;
      const among = member[a] && member[b];
      pen.globalAlpha = focused ? (among ? 0.15 + 0.75 * trust ** 2 : 0.18) : 0.05;
      pen.lineWidth = [0.6, 1, 2, 3.2][agreement] * pixel;
      pen.strokeStyle = agreement === 3 ? this.colours.signed : this.colours.tie;
      pen.beginPath();
      pen.moveTo(this.nodes[a].x!, this.nodes[a].y!);
      pen.lineTo(this.nodes[b].x!, this.nodes[b].y!);
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  private drawNode(pen: CanvasRenderingContext2D, node: Node, pixel: number): void {
    const { state } = this.course!.weeks[this.week];
    const is = (field: string): boolean => state.field("state.orgs", node.index, field) !== 0;
    const where = this.standings[node.index];
    const colour = this.colours[`sector${node.sector}`];
    const path = outline(node);
    pen.globalAlpha = where === "left" ? 0.35 : 1;
    pen.fillStyle = this.colours.paper;
    pen.fill(path);
    pen.fillStyle = colour;
    pen.globalAlpha *= { inside: 1, intends: 0.75, member: 0.35, uninvited: 0.12, left: 0.1 }[where];
    pen.fill(path);
    pen.globalAlpha = where === "left" ? 0.35 : 1;
    pen.strokeStyle = colour;
    pen.lineWidth = 1.4 * pixel;
    if (where === "uninvited" || where === "left") pen.setLineDash([3 * pixel, 2 * pixel]);
    pen.stroke(path);
    pen.setLineDash([]);
    if (is("signatory") || is("federated")) this.ring(pen, node, node.radius + 3 * pixel, this.colours.charter, 2 * pixel);
    if (this.emphasized.has(node.index)) this.ring(pen, node, node.radius + 6 * pixel, this.colours.alarm, 3 * pixel);
    if (node.index === this.selected) this.ring(pen, node, node.radius + 6 * pixel, this.colours.ink, 2.5 * pixel);
    pen.globalAlpha = 1;
  }

  private ring(pen: CanvasRenderingContext2D, node: Node, radius: number, colour: string, thick: number): void {
    pen.beginPath();
    pen.arc(node.x!, node.y!, radius, 0, 2 * Math.PI);
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.stroke();
  }

  /** Write the names where there is room: below, above, or not at all; those that are looked at always. */
  private drawNames(pen: CanvasRenderingContext2D, scale: number): void {
    const looked = (node: Node): boolean =>
      node.index === this.selected || node.index === this.hovered || this.emphasized.has(node.index);
    const named = this.nodes.length > NAMED ? this.nodes.filter(looked) : this.nodes;
    const taken: Box[] = [];
    for (const node of [...named].sort((a, b) => Number(looked(b)) - Number(looked(a)))) {
      const chosen = looked(node);
      const name = this.course!.job.partners.names[node.index];
      const shown = name.length > 26 && !chosen ? `${name.slice(0, 25)}…` : name.slice(0, 60);
      pen.font = `${chosen ? "600 " : ""}12px system-ui, sans-serif`;
      const places = [node.radius * scale + 3, -node.radius * scale - 3 - LETTERS].map((down) =>
        this.boxFor(pen, node, shown, scale, down),
      );
      const box = places.find((place) => !taken.some((other) => overlap(place, other))) ?? (chosen ? places[0] : null);
      if (box) {
        taken.push(box);
        this.drawName(pen, shown, box);
      }
    }
  }

  private boxFor(pen: CanvasRenderingContext2D, node: Node, name: string, scale: number, down: number): Box {
    const width = pen.measureText(name).width;
    const edge = this.canvas.clientWidth / 2 - width / 2 - 2;
    return { x: Math.max(-edge, Math.min(edge, node.x! * scale)), y: node.y! * scale + down, width };
  }

  private drawName(pen: CanvasRenderingContext2D, name: string, { x, y }: Box): void {
    pen.textAlign = "center";
    pen.textBaseline = "top";
    pen.lineWidth = 3;
    pen.strokeStyle = this.colours.paper;
    pen.strokeText(name, x, y);
    pen.fillStyle = this.colours.ink;
    pen.fillText(name, x, y);
  }
}

/** Where a name stands: the middle of its upper edge, and its width. */
interface Box {
  x: number;
  y: number;
  width: number;
}

const LETTERS = 12; // height of a name, in pixels

function overlap(a: Box, b: Box): boolean {
  return Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < LETTERS;
}

/** The outline of an organization: a square, a triangle or a circle, by sector, of one area. */
function outline({ x, y, sector, radius }: Node): Path2D {
  const path = new Path2D();
  if (sector === 0) path.rect(x! - radius * 0.88, y! - radius * 0.88, radius * 1.76, radius * 1.76);
  else if (sector === 2) path.arc(x!, y!, radius, 0, 2 * Math.PI);
  else {
    const r = radius * 1.25;
    path.moveTo(x!, y! - r);
    path.lineTo(x! + r * 0.9, y! + r * 0.6);
    path.lineTo(x! - r * 0.9, y! + r * 0.6);
    path.closePath();
  }
  return path;
}

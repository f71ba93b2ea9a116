/** Where one stands in an assignment, what one has selected there, and what marking does to it. Knows no page. */
import type { Section, Tile } from "./assignments";
import { amend, between, following, paint, step, Sweep, type Spot, type Way } from "./selection";
import type { Session } from "./session";
import { Stacks } from "./stacks";
import { PLAIN, type Edit, type Mark } from "./state";

export type Filter = "all" | "flagged" | "unseen";
export const FILTERS: Filter[] = ["all", "flagged", "unseen"];

const BARE: Partial<Mark> = { reason: PLAIN.reason, label: PLAIN.label };
const same = (a: Partial<Mark>, b: Partial<Mark>): boolean => a.reason === b.reason && (a.label ?? null) === (b.label ?? null);

export class Hand {
  here = 0;
  filter: Filter = "all";
  /** True once the panel of the tile where one stands was closed. */
  dismissed = false;
  /** The second pass: the flagged alone, large, to say what they are. */
  second = false;
  /** What a click or a sweep gives in the second pass. */
  brush: Partial<Mark> | null = null;
  private selected: number[] = [];
  private anchor = 0;
  private shown: Set<number> | null = null;
  private sweep: Sweep | null = null;
  stacks = new Stacks([]);

  /** `moved` hears of each step to another tile or into its panel; `reveal`: it should be brought into view. */
  constructor(
    private session: Pick<Session, "assignment" | "review" | "touched" | "sign">,
    private moved: (reveal: boolean) => void,
  ) {}

  get sections(): Section[] {
    return this.session.assignment?.sections ?? [];
  }
  get tiles(): Tile[] {
    return this.sections.flatMap(({ tiles }) => tiles);
  }
  get unseen(): number {
    return this.tiles.length - this.session.review.seen.size;
  }
  /** The positions on show, in display order. */
  get order(): number[] {
    return this.sections.flatMap((section) => this.shownOf(section)).map(({ position }) => position);
  }
  shownOf(section: Section): Tile[] {
    const { stacks, shown } = this;
    return section.tiles.filter(({ position }) => stacks.onTop(position) && (!shown || stacks.under(position).some((p) => shown.has(p))));
  }
  sectionAt(position: number): Section | undefined {
    return this.sections.find(({ tiles }) => tiles.some((tile) => tile.position === position));
  }
  labelAt(position: number): string | null {
    return this.sectionAt(position)?.label ?? null;
  }
  /** The mark that a tile shows: that of the first flagged item under it. */
  markAt(position: number): Mark | undefined {
    return this.stacks.under(position).map((p) => this.session.review.get(p)).find((mark) => mark !== undefined);
  }
  /** What a flag says at first: in a section whose question is turned round, that it is what was asked for. */
  private plain = (position: number): Mark => ({ ...PLAIN, label: this.sectionAt(position)?.asks ?? null });
  private painted(positions: readonly number[], on: boolean): Edit {
    return paint(this.session.review, positions.flatMap((p) => this.stacks.under(p)), on, this.plain);
  }
  /** The tiles that a label or a reason goes to: the last sweep where one stands in it, else the tile itself. */
  get targets(): number[] {
    return this.selected.includes(this.here) ? this.selected : [this.here];
  }
  get sweeping(): boolean {
    return this.sweep !== null;
  }
  get flaggedHere(): boolean {
    return this.markAt(this.here) !== undefined;
  }
  /** The panel that asks what it really is stands open. */
  get saying(): boolean {
    return !this.sweep && !this.brush && !this.dismissed && this.flaggedHere && this.order.includes(this.here);
  }

  /** Another assignment. */
  begin(): void {
    this.stacks = new Stacks(this.tiles);
    this.leaveSecond();
    this.selected = [];
    this.dismissed = false;
    this.here = this.anchor = this.order[0] ?? 0;
  }

  go(position: number, reveal = true): void {
    if (position !== this.here) this.dismissed = false;
    this.here = position;
    this.moved(reveal);
  }

  /** Open the panel of a tile, flagging it where it is not. */
  open(position = this.here): void {
    this.dismissed = false;
    if (position !== this.here) this.go(position, false);
    if (!this.flaggedHere) this.edit(this.painted(this.targets, true));
    this.moved(false);
  }

  toggle(): void {
    const { brush } = this;
    this.selected = [];
    this.anchor = this.here;
    this.dismissed = false;
    this.edit(brush ? this.given([this.here], this.carries(this.here, brush) ? BARE : brush) : this.painted([this.here], !this.flaggedHere));
    this.moved(false);
  }

  say(change: Partial<Mark>, positions = this.targets): void {
    this.dismissed = false;
    this.edit(amend(this.session.review, positions.flatMap((p) => this.stacks.under(p)), change, this.plain));
    this.moved(false);
  }

  beginSweep(position: number): void {
    this.session.sign();
    const { brush } = this;
    const { review } = this.session;
    this.sweep = brush ? new Sweep(review, position, (at, on) => this.given([at], on ? brush : BARE), (at) => this.carries(at, brush))
      : new Sweep(review, position, (at, on) => this.painted([at], on));
    this.selected = [];
    this.go(position, false);
    this.session.touched();
  }

  sweepOver(position: number): void {
    if (!this.sweep?.over(position)) return;
    this.here = position;
    this.session.touched();
  }

  endSweep(): void {
    const { sweep } = this;
    this.sweep = null;
    if (!sweep) return;
    this.anchor = this.here;
    this.selected = sweep.on && sweep.positions.length > 1 ? [...sweep.positions] : [];
    this.dismissed = false;
    this.moved(false);
  }

  /** Mark all from where one was to here like the tile where one was, or give them what is in hand. */
  reach(position: number): void {
    if (this.brush) {
      this.edit(this.given(between(this.order, this.anchor, position), this.brush));
      return this.go(position);
    }
    const on = this.markAt(this.anchor) !== undefined;
    const range = between(this.order, this.anchor, position);
    this.edit(this.painted(range, on));
    this.selected = on ? range : [];
    this.go(position);
  }

  /** Step to the next tile this way; `mark`: all on the way become like the tile left behind. */
  move(way: Way, spots: readonly Spot[], mark: boolean): void {
    const to = step(spots, this.here, way);
    if (mark) this.edit(this.painted(between(this.order, this.here, to), this.flaggedHere));
    else this.anchor = to;
    this.selected = [];
    this.go(to);
  }

  /** Begin or end the second pass; false where nothing is flagged. */
  turnSecond(): boolean {
    if (this.second) this.leaveSecond();
    else {
      if (!this.session.review.flagged) return false;
      this.second = true;
      this.show("flagged");
      this.dismissed = true;
    }
    this.moved(true);
    return true;
  }

  private leaveSecond(): void {
    this.second = false;
    this.brush = null;
    this.show("all");
  }

  /** Take this in hand, or put it down where it is in hand already. */
  take(brush: Partial<Mark> | null): void {
    this.brush = brush && this.brush && same(brush, this.brush) ? null : brush;
    this.dismissed = true;
    this.moved(false);
  }

  /** Give all that is on show what is in hand, or take label and reason from all. */
  giveAll(on: boolean): void {
    if (on && !this.brush) return;
    this.edit(this.given(this.order, on && this.brush ? this.brush : BARE));
    this.moved(false);
  }

  /** Whether all that lies under a tile has been given this. */
  carries(position: number, brush: Partial<Mark>): boolean {
    return this.stacks.under(position).every((p) => same(brush, this.session.review.get(p) ?? {}));
  }

  private given(positions: readonly number[], change: Partial<Mark>): Edit {
    return amend(this.session.review, positions.flatMap((p) => this.stacks.under(p)), change, this.plain);
  }

  /** Show all, or those that are flagged or unseen now: what changes meanwhile stays in view. */
  show(filter: Filter): void {
    const { review } = this.session;
    const kept = this.tiles.map(({ position }) => position).filter((p) => (filter === "flagged" ? review.get(p) : !review.seen.has(p)));
    if (filter !== "flagged") this.second = false;
    if (!this.second) this.brush = null;
    this.filter = filter;
    this.shown = filter === "all" ? null : new Set(kept);
    const { order } = this;
    if (order.length && !order.includes(this.here)) this.go(order[0] ?? this.here);
  }

  /** False where all have been seen. */
  nextUnseen(): boolean {
    const { review } = this.session;
    const to = following(this.tiles.map(({ position }) => position), this.here, (p) => !review.seen.has(p));
    if (to < 0) return false;
    if (!this.order.includes(this.stacks.cover(to))) this.show("all");
    this.go(this.stacks.cover(to));
    return true;
  }

  /** A stack has come into view: all its items have. True where that is news. */
  see(position: number): boolean {
    return this.stacks.under(position).map((p) => this.session.review.see(p)).includes(true);
  }

  /** Open the stack where one stands, or close it again; false where there is none. */
  unfold(position = this.here): boolean {
    if (!this.stacks.toggle(position)) return false;
    this.selected = [];
    this.go(this.stacks.cover(position));
    return true;
  }

  /** Undo or redo; false where there is nothing more of it. */
  turn(way: "undo" | "redo"): boolean {
    const [first] = this.session.review[way]();
    if (first === undefined) return false;
    this.selected = [];
    this.session.touched();
    if (this.order.includes(this.stacks.cover(first))) this.go(this.stacks.cover(first));
    return true;
  }

  private edit(edit: Edit): void {
    if (!this.session.review.change(edit)) return;
    this.session.sign();
    this.session.touched();
  }
}

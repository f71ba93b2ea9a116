/** uPlot in a component: our colours, light and dark and on paper, and the size of its place. */
import uPlot, { type AlignedData, type Axis, type Series } from "uplot";
import text from "uplot/dist/uPlot.min.css?inline";

const FONT = "11px Inter, system-ui, sans-serif";
/** On paper all is dark on white, whatever the screen is. */
const PAPER: Record<string, string> = { "--ink": "#1a1b1e", "--soft": "#62656b", "--line": "#d5d5d0", "--accent": "#2449d0" };
const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

const sheet = new CSSStyleSheet();
sheet.replaceSync(text);

export interface Line {
  name: string;
  values: readonly (number | null)[];
  /** What the others are compared with: dashed. */
  soft?: boolean;
}

export class Plot {
  private chart: uPlot | null = null;
  private data: AlignedData = [[]];
  private lines: readonly Line[] = [];
  private printing = false;
  private readonly probe = document.createElement("span");
  private readonly sized = new ResizeObserver(() => this.resize());
  private readonly dark = matchMedia("(prefers-color-scheme: dark)");
  private readonly redraw = () => this.chart?.redraw();
  private readonly print = ({ type }: Event) => {
    this.printing = type === "beforeprint";
    this.redraw();
  };

  constructor(
    private readonly place: HTMLElement,
    private readonly unit: string,
  ) {
    const root = place.getRootNode() as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    place.append(this.probe);
    this.sized.observe(place);
    this.dark.addEventListener("change", this.redraw);
    addEventListener("beforeprint", this.print);
    addEventListener("afterprint", this.print);
  }

  end(): void {
    this.sized.disconnect();
    this.dark.removeEventListener("change", this.redraw);
    removeEventListener("beforeprint", this.print);
    removeEventListener("afterprint", this.print);
    this.chart?.destroy();
    this.chart = null;
  }

  show(x: readonly number[], lines: readonly Line[]): void {
    this.data = [[...x], ...lines.map(({ values }) => [...values])] as unknown as AlignedData;
    if (this.chart && lines.length === this.lines.length) this.chart.setData(this.data);
    this.lines = lines;
    this.resize();
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.place;
    if (!width || !this.lines.length) return;
    if (!this.chart) this.chart = this.made(width, height);
    else if (this.chart.width !== width) this.chart.setSize({ width, height });
  }

  /** What a canvas understands: a property's own text may be light-dark(). */
  private colour(name: string): string {
    if (this.printing) return PAPER[name] ?? "#000";
    this.probe.style.color = `var(${name})`;
    return getComputedStyle(this.probe).color;
  }

  private made(width: number, height: number): uPlot {
    const axis = (values: (n: number) => string): Axis => ({
      stroke: () => this.colour("--soft"),
      grid: { stroke: () => this.colour("--line"), width: 1 },
      ticks: { stroke: () => this.colour("--line"), width: 1, size: 4 },
      font: FONT,
      values: (_, splits) => splits.map(values),
    });
    const series = this.lines.map(({ name, soft }): Series => {
      const colour = () => this.colour(soft ? "--soft" : "--accent");
      return { label: name, stroke: colour, width: soft ? 1.5 : 2.5, ...(soft ? { dash: [4, 4] } : {}), points: { show: false }, spanGaps: true };
    });
    return new uPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        padding: [8, 22, 0, 0],
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
        axes: [{ ...axis((n) => (n === 0 ? `0 ${this.unit}` : grouped.format(n))), space: 70, size: 30 }, { ...axis((n) => (Number.isInteger(n) ? grouped.format(n) : "")), size: 44 }],
        series: [{}, ...series],
      },
      this.data,
      this.place,
    );
  }
}

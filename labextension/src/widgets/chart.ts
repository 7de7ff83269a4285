/** The drawing of curves, with uPlot; what is around it is the view's. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type Part, type Value } from './lines.js';

const HEIGHT = 300;
const LOGARITHMIC = { distr: 3 } as const;

/** How a line is drawn. */
export interface Drawn {
  colour: string;
  dash: readonly number[];
  /** Whether it stands behind its smoothed form. */
  faint: boolean;
  hidden: boolean;
}

export interface Picture {
  data: [number[], ...Value[][]];
  lines: readonly Drawn[];
  part: Part;
  log: boolean;
  axis: string;
}

/** Is told what is done to the chart. */
export interface Handlers {
  onZoom: (low: number, high: number) => void;
  onWhole: () => void;
  /** The pointer is over the data's place of this number; null when it leaves. */
  onPoint: (index: number | null) => void;
}

/** A chart in a box, which it fills. */
export class Chart {
  private plot: uPlot | undefined;
  private readonly sizes: ResizeObserver;

  constructor(
    private readonly box: HTMLElement,
    private readonly handlers: Handlers
  ) {
    this.sizes = new ResizeObserver(() => {
      if (this.plot !== undefined && this.plot.width !== this.width) {
        this.plot.setSize({ width: this.width, height: HEIGHT });
      }
    });
    this.sizes.observe(box);
  }

  get width(): number {
    return Math.max(200, this.box.clientWidth);
  }

  /** Gives the part of the axis that is seen. */
  get seen(): { low: number; high: number } | undefined {
    const { min, max } = this.plot?.scales['x'] ?? {};
    return min === undefined || max === undefined ? undefined : { low: min, high: max };
  }

  draw(picture: Picture): void {
    this.plot?.destroy();
    this.plot = new uPlot(this.options(picture), picture.data, this.box);
  }

  close(): void {
    this.sizes.disconnect();
    this.plot?.destroy();
  }

  private options({ lines, part, log, axis }: Picture): uPlot.Options {
    const text = getComputedStyle(this.box).color;
    const grid = { stroke: 'rgba(127,127,127,.25)', width: 1 };
    const common = { stroke: text, grid, ticks: grid, font: '12px system-ui, sans-serif' };
    return {
      width: this.width,
      height: HEIGHT,
      legend: { show: false },
      scales: {
        x: { time: false, range: (_plot, min, max) => [part.low ?? min, part.high ?? max] },
        // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- what uPlot declares has no value here
        y: log ? LOGARITHMIC : {}
      },
      axes: [
        { ...common, label: axis, labelSize: 20, labelFont: '12px system-ui, sans-serif' },
        { ...common, size: 64 }
      ],
      series: [
        {},
        ...lines.map(({ colour, dash, faint, hidden }) => ({
          stroke: colour,
          dash: [...dash],
          width: faint ? 1 : 1.8,
          alpha: faint ? 0.35 : 1,
          show: !hidden,
          points: { show: false }
        }))
      ],
      cursor: {
        drag: { x: true, y: false, setScale: false },
        bind: {
          dblclick: () => () => {
            this.handlers.onWhole();
            return null;
          }
        }
      },
      hooks: {
        setSelect: [this.onSelect],
        setCursor: [
          plot => {
            this.handlers.onPoint(plot.cursor.idx ?? null);
          }
        ]
      }
    };
  }

  private readonly onSelect = (plot: uPlot): void => {
    const { left, width } = plot.select;
    if (width < 4) return;
    this.handlers.onZoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'));
  };
}

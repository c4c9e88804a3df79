/** So many pieces are put together: a client that sends byte by byte must not cost an object a byte. */
const MAX_PIECES = 32;

/** The frame that is still arriving, in the pieces it came in. */
export class HeldFrame {
  private pieces: Buffer[] = [];
  private bytes = 0;
  private size: number | undefined;

  get isEmpty(): boolean {
    return this.bytes === 0;
  }

  /** Bytes until the frame is whole; 0 where nothing is held or the size is not known yet. */
  get missing(): number {
    return this.size === undefined ? 0 : this.size - this.bytes;
  }

  begin(piece: Buffer, size: number | undefined): void {
    this.pieces = [piece];
    this.bytes = piece.length;
    this.size = size;
  }

  add(piece: Buffer): void {
    this.pieces.push(piece);
    this.bytes += piece.length;
    if (this.pieces.length > MAX_PIECES) this.pieces = [Buffer.concat(this.pieces)];
  }

  /** The pieces with the last one behind them; nothing is held afterwards. */
  take(last: Buffer): Buffer[] {
    const { pieces } = this;
    pieces.push(last);
    this.pieces = [];
    this.bytes = 0;
    this.size = undefined;
    return pieces;
  }
}

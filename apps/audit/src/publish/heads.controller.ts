import { Answers, Problem, Problems, Scopes } from '@app/service-defaults';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { JWK } from 'jose';
import { headsAnswer, keyAnswer } from '../responses.js';
import { HeadsFile } from './heads-file.js';
import { PUBLICATION } from './heads-publisher.js';
import type { Publication } from './publish-heads.js';

/** The latest head of a chain: whoever keeps it can prove later that the chain up to it has not changed. */
export interface PublishedHeadDto {
  partitionId: number;
  position: number;
  /** Hexadecimal SHA-256 of the entry at that position. */
  hash: string;
  publishedAt: string;
  /** The same as a compact JWS (RFC 7515). */
  signed: string;
}

@ApiTags('audit')
@ApiBearerAuth()
@Scopes('events:read')
@Controller('v1/audit/heads')
export class HeadsController {
  constructor(@Inject(PUBLICATION) private readonly publication: Publication | undefined) {}

  @Get()
  @ApiOperation({
    summary: 'The latest signed head of each chain',
    description: 'Keep them elsewhere: a chain whose entry at that position has another hash was rewritten.',
  })
  @Answers(200, 'One a chain.', headsAnswer)
  @Problems(404)
  async heads(): Promise<{ items: PublishedHeadDto[] }> {
    const { folder, key } = this.published();
    const items: PublishedHeadDto[] = [];
    for (const partitionId of (await HeadsFile.chains(folder)).toSorted((a, b) => a - b)) {
      const signed = await new HeadsFile(folder, partitionId).last();
      const head = signed === undefined ? undefined : await key.read(signed);
      if (signed === undefined || !head) continue; // verify says what is wrong with it
      const { position, hash, publishedAt } = head;
      items.push({
        partitionId,
        position: Number(position),
        hash: hash.toString('hex'),
        publishedAt,
        signed,
      });
    }
    return { items };
  }

  @Get('key')
  @ApiOperation({
    summary: 'The public key that the heads are signed with',
    description: 'A JWK (RFC 8037).',
  })
  @Answers(200, 'A public JWK.', keyAnswer)
  @Problems(404)
  key(): JWK {
    return this.published().key.publicJwk;
  }

  private published(): Publication {
    if (this.publication) return this.publication;
    throw new Problem(404, 'heads-not-published', 'This audit publishes no heads.', {
      detail: 'AUDIT_HEADS_DIR and AUDIT_HEADS_KEY are not set.',
    });
  }
}

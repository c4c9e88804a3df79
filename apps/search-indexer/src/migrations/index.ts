import { CreateSearchIndex1795305600000 } from './1795305600000-create-search-index.js';
import { Candidates1795305600010 } from './1795305600010-candidates.js';
import { Names1795305600020 } from './1795305600020-names.js';

/** In order. */
export const searchMigrations = [CreateSearchIndex1795305600000, Candidates1795305600010, Names1795305600020];

import { QuickSegmenter } from '../../src/stand-ins/segmenter.ts';

// As the build has it: Ink asks it for every character of every frame.
Object.assign(Intl, { Segmenter: QuickSegmenter });

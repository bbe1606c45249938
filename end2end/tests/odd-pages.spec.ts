import { oddPages } from './helpers';
import { lookAt } from './look-at';

lookAt(oddPages);

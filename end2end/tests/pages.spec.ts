import { ordinaryPages } from './helpers';
import { lookAt } from './look-at';

lookAt(ordinaryPages);

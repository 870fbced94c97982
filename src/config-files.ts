/** The settings about what users bring along: files in their workspace, images in their prompts. */
import { integer, oneOf } from './settings.ts';

const MIB = 1024 * 1024;

export const FILE_SETTINGS = {
  maxUploadBytes: integer(
    'CHAT_MAX_UPLOAD_BYTES',
    'largest file taken into a workspace; 0 takes none but empty ones',
    'bytes',
    { initial: 25 * MIB, min: 0, max: 1024 * MIB },
  ),
  workspaceQuotaBytes: integer<null>(
    'CHAT_WORKSPACE_QUOTA_BYTES',
    'uploads are refused when a workspace would hold more than this; what Claude writes is not held back; unset: no quota',
    'bytes',
    { initial: null, min: 0, max: 1024 * 1024 * MIB },
  ),
  images: oneOf('CHAT_IMAGES', 'whether a prompt may hold images', ['on', 'off'], 'on'),
  maxImageBytes: integer(
    'CHAT_MAX_IMAGE_BYTES',
    'largest image taken, 5 MiB being what the Claude API takes; 0 takes none',
    'bytes',
    { initial: 5 * MIB, min: 0, max: 10 * MIB },
  ),
};

// The settings of a store, in the words of both sides: each layout is opened by Node and by hexpage
// with the same values, so that one can go on where the other stopped.
'use strict';

// Names are for messages; the members are those of the reference's Filesystem engine.
const kLayouts = {
  'raw paths': { raw_file_paths: true },
  'raw paths, pretty': { raw_file_paths: true, pretty: true },
  'MD5 directories': { raw_file_paths: false },
  'MD5 directories, pretty': { raw_file_paths: false, pretty: true },
  'key_prefix': { raw_file_paths: false, key_prefix: 'site1' },
  'key_namespaces': { raw_file_paths: false, key_namespaces: true },
  'key_template with [key]': { raw_file_paths: false, key_template: '##/##/[key]' },
  'key_template with [md5]': { raw_file_paths: false, key_template: '#/#/[md5]' },
  'all of them': {
    raw_file_paths: false,
    key_prefix: 'a/b',
    key_namespaces: true,
    key_template: '###/[md5]',
  },
};

function referenceConfig(directory, layout, pageSize) {
  return {
    engine: 'Filesystem',
    hash_page_size: pageSize,
    Filesystem: { ...layout, base_dir: directory },
  };
}

function hexpageConfig(directory, layout, pageSize) {
  return {
    backend: 'filesystem',
    hash_page_size: pageSize,
    filesystem: { ...layout, base_dir: directory },
  };
}

module.exports = { kLayouts, referenceConfig, hexpageConfig };

// An office's own workbook (台帳) as spreadsheets write it: titles, merged and stacked headings, era
// dates, ditto marks. Written here, part by part, without compression.

const NS = 'http://schemas.openxmlformats.org';
const MAIN = `xmlns="${NS}/spreadsheetml/2006/main"`;
const OFFICE = `${NS}/officeDocument/2006/relationships`;

function crc(bytes) {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xEDB88320 : 0);
  }
  return ~sum >>> 0;
}

// A ZIP archive whose parts are stored as they are.
function archive(parts) {
  const bodies = [];
  const listing = [];
  let offset = 0;
  for (const [name, text] of Object.entries(parts)) {
    const [path, bytes] = [Buffer.from(name), Buffer.from(text)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(path.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    bodies.push(Buffer.from('PK\x03\x04'), common, path, bytes);
    listing.push(Buffer.from('PK\x01\x02\x14\x00'), common, place, path);
    offset += 4 + common.length + path.length + bytes.length;
  }
  const directory = Buffer.concat(listing);
  const end = Buffer.alloc(18);
  const count = Object.keys(parts).length;
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, directory, Buffer.from('PK\x05\x06'), end]);
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const cell = (text, row, column) => (text === '' ? ''
  : `<c r="${String.fromCharCode(65 + column)}${row + 1}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`);

// A workbook of one sheet of texts.
export function workbook(name, rows, merges) {
  const lines = rows.map((cells, row) => `<row r="${row + 1}">${cells.map((it, at) => cell(it, row, at)).join('')}</row>`);
  const merged = merges.map((place) => `<mergeCell ref="${place}"/>`).join('');
  const relation = (type, target) => `<Relationships xmlns="${NS}/package/2006/relationships"><Relationship Id="rId1" Type="${OFFICE}/${type}" Target="${target}"/></Relationships>`;
  const kind = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  return archive({
    '[Content_Types].xml': `<Types xmlns="${NS}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kind}.worksheet+xml"/></Types>`,
    '_rels/.rels': relation('officeDocument', 'xl/workbook.xml'),
    'xl/workbook.xml': `<workbook ${MAIN} xmlns:r="${OFFICE}"><sheets><sheet name="${name}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relation('worksheet', 'worksheets/sheet1.xml'),
    'xl/worksheets/sheet1.xml': `<worksheet ${MAIN}><sheetData>${lines.join('')}</sheetData><mergeCells count="${merges.length}">${merged}</mergeCells></worksheet>`,
  });
}

// A ledger of devices: a title over all columns, 貸与 over two of them, one mark that nobody knows.
export function ledger(mark) {
  return workbook('台帳', [
    ['情報機器管理台帳（令和8年4月1日現在）', '', '', '', '', '', ''],
    ['管理番号', '課室', '種類', '製造番号', '取得日', '貸与', ''],
    ['', '', '', '', '', 'のぞき見防止フィルターの貸与', 'ワイヤーロックの貸与'],
    ['Ａ－００１', '試験省', 'ノート型', 'SN-1', '令和8年4月1日', '○', '×'],
    ['A-002', '〃', '〃', 'SN-2', 'H31.4.30', mark, '○'],
    ['=A-003', '試験省', 'タブレット', 'SN-3', 'R1.5.1', '×', '×'],
    ['※ 廃棄した機器は除く', '', '', '', '', '', ''],
  ], ['A1:G1', 'A2:A3', 'B2:B3', 'C2:C3', 'D2:D3', 'E2:E3', 'F2:G2']);
}

//! Made-up entries of the registers, each in one line of `code=value`.

/// 通信回線.
pub(super) const LINES: &[&str] = &[
    "name=本省LAN;kind=internal;provider=自営;seen_as=10.20.0.0/16;encrypted=yes",
    "name=リモートアクセス回線;kind=remote_access;provider=自営;seen_as=10.99.0.0/16;encrypted=yes",
    "name=政府共通ネットワーク接続;kind=dedicated;provider=見本通信;seen_as=10.30.0.0/16",
    "name=庁舎インターネット回線;kind=office_internet;provider=見本通信;seen_as=SAMPLE-GUEST",
    "name=職員自宅の回線;kind=home",
    "name=貸与モバイルルーター;kind=mobile;provider=見本モバイル;seen_as=SAMPLE-MOBILE",
    "name=公衆無線LAN;kind=public",
];

/// 情報システム.
pub(super) const SYSTEMS: &[&str] = &[
    "name=人事給与システム;purpose=人事記録と給与の管理;highest=C2I2A1;parts=C2I1A1 勤怠|C2I2A1 人事記録;host=own_premises;remote=yes;address=192.0.2.11;ports=443/tcp|8443/tcp",
    "name=文書管理システム;purpose=行政文書の作成、決裁及び保存;highest=C2I2A2;parts=C1I1A1 公表資料|C2I2A1 決裁文書;host=own_premises;remote=yes;address=192.0.2.12;ports=443/tcp|8443/tcp",
    "name=財務会計システム;purpose=予算執行と支払;highest=C2I2A2;host=contractor;address=zaimu.sample.invalid",
    "name=グループウェア;purpose=電子メール、予定及び掲示板;highest=C2I1A2;host=cloud;remote=yes;address=gw.sample.invalid",
    "name=許認可審査システム;purpose=申請の受付と審査;highest=C3I2A1;host=own_premises;address=shinsa.sample.invalid",
    "name=統計調査システム;purpose=調査票の収集と集計;highest=C3I2A1;parts=C3I2A1 個票|C1I2A1 公表値;host=contractor;remote=yes;address=tokei.sample.invalid",
    "name=広報ウェブサイト;purpose=国民への情報提供;highest=C1I2A2;host=cloud;remote=yes;address=www.sample.invalid",
    "name=ファイル共有基盤;purpose=課室の共有フォルダ;highest=C2I2A1;host=own_premises;remote=yes;address=192.0.2.13;ports=443/tcp|8443/tcp",
];

/// ゲートウェイ. They wait for the key of a real one.
pub(super) const GATEWAYS: &[&str] =
    &["name=本省ゲートウェイ;endpoint=gate.sample.invalid:51820;network=10.90.0.0/20"];

/// ソフトウェアの一覧.
pub(super) const SOFTWARE: &[&str] = &[
    "name=LibreOffice;publisher=The Document Foundation;packages=libreoffice-core|libreoffice-calc;list=allow;purpose=文書及び表計算",
    "name=Firefox ESR;publisher=Mozilla;packages=firefox-esr|firefox;list=allow;purpose=ウェブの閲覧",
    "name=Thunderbird;publisher=Mozilla;packages=thunderbird|thunderbird-l10n-ja;list=allow;purpose=電子メール",
    "name=KeePassXC;publisher=KeePassXC Team;packages=keepassxc|keepassxc-full;list=allow;purpose=パスワードの管理",
    "name=7-Zip;publisher=Igor Pavlov;packages=7zip|p7zip-full;list=allow;purpose=圧縮と展開",
    "name=GIMP;publisher=The GIMP Team;packages=gimp|gimp-data;list=conditional;condition=広報資料の作成に限る",
    "name=VLC;publisher=VideoLAN;packages=vlc|vlc-bin;list=conditional;condition=研修動画の視聴に限る",
    "name=Wireshark;publisher=Wireshark Foundation;packages=wireshark|tshark;list=conditional;condition=情報システム担当に限る",
    "name=Transmission;packages=transmission-gtk|transmission-cli;list=deny;purpose=ファイル共有",
    "name=qBittorrent;packages=qbittorrent|qbittorrent-nox;list=deny;purpose=ファイル共有",
    "name=Tor Browser;packages=torbrowser-launcher|tor;list=deny;purpose=匿名通信",
    "name=AnyDesk;publisher=AnyDesk Software;packages=anydesk|anydesk-client;list=deny;purpose=遠隔操作",
];

/// テレワークの対象業務.
pub(super) const TASKS: &[&str] = &[
    "name=旅費の精算;grade=C2I1A1;state=allowed;planned_people=120",
    "name=勤務時間の管理;grade=C2I1A1;state=allowed;planned_people=80",
    "name=会議資料の作成;grade=C2I2A1;state=allowed;planned_people=400",
    "name=法令案の作成;grade=C2I2A1;state=limited;limits=自宅又は庁舎に限る;planned_people=60",
    "name=広報原稿の作成;grade=C1I2A1;state=allowed;planned_people=30",
    "name=統計調査票の審査;grade=C3I2A1;state=limited;limits=貸与端末で、個票を端末に保存しない場合に限る;planned_people=25",
    "name=許認可の審査;grade=C3I2A1;state=stopped;planned_people=0",
    "name=予算要求資料の作成;grade=C2I2A1;state=allowed;planned_people=90",
    "name=研修の実施;grade=C1I1A1;state=allowed;planned_people=40",
    "name=契約事務;grade=C2I2A1;state=allowed;planned_people=55",
    "name=国会答弁資料の作成;grade=C2I2A2;state=limited;limits=課室の責任者の指示がある場合に限る;planned_people=70",
    "name=電話及び電子メールによる相談;grade=C2I1A2;state=allowed;planned_people=45",
];

/// 外部サービス. The last is used by no task yet.
pub(super) const SERVICES: &[&str] = &[
    "name=グループウェア基盤;provider=見本クラウド;kind=cloud;highest=C2I1A2;ismap=ismap;data_place=国内;domains=gw.sample.invalid|mail.sample.invalid;procedure=クラウドサービス利用手順",
    "name=ウェブサイト配信;provider=見本クラウド;kind=cloud;highest=C1I2A2;ismap=ismap;data_place=国内;domains=www.sample.invalid|cdn.sample.invalid",
    "name=調査票収集サービス;provider=見本データ;kind=contract;highest=C3I2A1;ismap=none;data_place=国内;domains=tokei.sample.invalid|api.tokei.sample.invalid",
    "name=日程調整サービス;provider=見本調整;kind=terms;highest=C1I1A1;terms_version=2026年4月版;terms_seen=2026-05-11;terms_address=https://chosei.example/terms;judged_terms=2026年4月版;judged_on=2026-05-11;judgement=conditional;conditions=公表済みの日程に限る;domains=chosei.example|www.chosei.example;procedure=約款による外部サービスの利用手順",
    "name=動画共有サービス;provider=見本動画;kind=terms;highest=C1I1A1;terms_version=2026年9月版;terms_seen=2026-09-30;terms_address=https://douga.example/terms;judged_terms=2025年9月版;judged_on=2025-10-01;judgement=acceptable;domains=douga.example|www.douga.example;procedure=約款による外部サービスの利用手順",
    "name=翻訳サービス;provider=見本翻訳;kind=terms;highest=C1I1A1;terms_version=2026年1月版;terms_seen=2026-02-02;terms_address=https://honyaku.example/terms;domains=honyaku.example|www.honyaku.example",
];

/// Web会議サービス. One is not decided on for meetings that an individual hosts.
pub(super) const CONFERENCE_TOOLS: &[&str] = &[
    "name=省内会議システム;provider=見本会議;contract=会議システム提供契約;scope=organisation;own=c2;contractor=c2;external=c1;individual=forbidden;own_restriction=録画は主催課の長の承認を得る;contractor_restriction=画面共有は委託業務の資料に限る;external_restriction=公表済みの資料に限る;measures=waiting_room|passcode|participants_checked|clients_updated|recording_limited|data_place_known;measures_off=end_to_end|;measures_instead=要機密情報は機微会議用システムで扱う;version=5.12;packages=firefox-esr|firefox;domains=kaigi.sample.invalid|media.kaigi.sample.invalid",
    "name=機微会議用システム;provider=見本会議;contract=機微会議用システム構築契約;scope=organisation;own=c3;contractor=forbidden;external=forbidden;individual=forbidden;own_restriction=録画、画面の撮影を禁止;measures=waiting_room|passcode|participants_checked|end_to_end|recording_limited|data_place_known|clients_updated;version=2.4;domains=secure.sample.invalid|media.secure.sample.invalid",
    "name=審議会配信サービス;provider=見本配信;scope=unit;own=c1;contractor=c1;external=c1;restriction=なし;measures=recording_limited|data_place_known;version=2026.9;domains=haishin.example|live.haishin.example",
    "name=外部主催者の会議サービス;scope=others;own=forbidden;contractor=c1;external=c1;individual=c1;restriction=公表済みの資料に限る",
];

/// 過去の注意喚起: those that the front page and 資料1 cite, one of them undecided.
pub(super) const ADVISORIES: &[&str] = &[
    "name=Web会議サービスの利用に関する注意喚起（4月3日）;issuer=内閣サイバーセキュリティセンター;issued=2020-04-03;cited=conference_2020_04_03;disposition=superseded;disposed=2020-04-10;done=9日付けの注意喚起により対応した",
    "name=Web会議サービスの利用に関する注意喚起（4月9日）;issuer=内閣サイバーセキュリティセンター;issued=2020-04-09;cited=conference_2020_04_09;disposition=done;disposed=2020-04-20;done=利用手順に反映し、版を確認した;evidence=GOV-4-g",
    "name=テレワークに関する注意喚起（4月14日）;issuer=内閣サイバーセキュリティセンター;issued=2020-04-14;cited=telework_2020_04_14;disposition=partly;disposed=2020-05-01;done=支給端末に反映した。支給外端末は検討中;evidence=GOV-3-1-a",
    "name=国民向けの注意喚起（5月21日）;issuer=内閣サイバーセキュリティセンター;issued=2020-05-21;cited=public_2020_05_21;disposition=open",
];

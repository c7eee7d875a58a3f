//! A running server: application, judging, console, admin socket; started and stopped together.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use sekisho_agent::FirstTrust;
use sekisho_domain::code::Reason;
use sekisho_messages::Arg;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::admin::{AdminSocket, Desk};
use sekisho_server::app::App;
use sekisho_server::app::integrity::Integrity;
use sekisho_server::assessor::Assessor;
use sekisho_server::break_glass::{NoticeSettings, Notices};
use sekisho_server::http::options::MailAbout;
use sekisho_server::http::{
    Options, OptionsError, Site, StatedDevice, TlsSource, serve, serve_ext_authz,
};
use sekisho_server::keeper::Keeper;
use sekisho_server::mail::{MailSettings, Postman, PostmanSettings};
use sekisho_server::reconcile::{Reconciler, Settings as Delivery, Settler};
use sekisho_server::retention::PEOPLE_DAYS;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::acme;
use crate::applications;
use crate::config::{Settings, Tls};
use crate::desk;
use crate::fault::Fault;
use crate::mail;
use crate::output::Output;
use crate::signals::Signals;
use crate::switch_secrets;

/// A running server.
pub struct Service {
    /// The application.
    pub app: App,
    /// The desk that answers the shell.
    pub desk: Arc<Desk>,
    /// Where people reach it.
    pub url: String,
    /// Where the agent of this machine reaches it, and by whom it is known there.
    pub here: (String, FirstTrust),
    /// The fingerprint of its own authority, where its certificate is of that one.
    pub authority: Option<String>,
    runtime: tokio::runtime::Runtime,
    serving: tokio::task::JoinHandle<Result<(), sekisho_server::http::ServeError>>,
    checks: Option<tokio::task::JoinHandle<()>>,
    stop: watch::Sender<bool>,
    assessor: Assessor,
    admin: AdminSocket,
    integrity: Integrity,
    decisions: Keeper,
    lines: Keeper,
    services: Keeper,
    checkpoints: Reconciler,
    settler: Settler,
    notices: Notices,
    postman: Postman,
}

/// For how many days it is kept who used an outside service.
fn people_days(settings: &Settings) -> u32 {
    settings.file.discovery.people_days.unwrap_or(PEOPLE_DAYS)
}

impl Service {
    /// Starts everything on an opened application.
    ///
    /// # Errors
    /// The codes of what is started.
    pub fn start(app: App, settings: &Settings, door: Door) -> Result<Self, Fault> {
        let catalogue: Arc<Catalogue> = desk::catalogue()?;
        let (listener, address, grpc) = (door.listener, door.address, door.grpc);
        let applications = applications::load(settings.file.applications.as_deref())?;
        let (runtime, listener) = runtime(listener)?;
        let mut options = options(settings, address)?;
        let url = options.url();
        let here = here(&app, &options);
        let authority = (options.tls == Some(TlsSource::BuiltIn))
            .then(|| app.authorities().serving(app.now()).fingerprint());
        let mail = mail::settings(settings.file.mail.as_ref())?;
        options.mail = mail.as_ref().map(MailAbout::from);
        let desk = Desk::new(app.clone(), Arc::clone(&catalogue)).mailing(mail.clone());
        let desk = Arc::new(desk);
        desk.listening(url.clone());
        let admin = AdminSocket::listen(Arc::clone(&desk))
            .map_err(|error| Fault::new("admin.socket").about(error))?;
        let assessor = Assessor::start(app.clone(), Arc::clone(&catalogue))?;
        let notices = Notices::start(app.clone(), NoticeSettings::new(mail.clone()))?;
        let postman = Postman::start(app.clone(), letters(settings, mail.clone(), &url))?;
        let checkpoints = Reconciler::start(app.clone(), delivery(mail))?;
        let settler = Settler::start(app.clone())?;
        let integrity = Integrity::start(app.clone())?;
        let decisions = Keeper::of_decisions(app.clone())?;
        switch_secrets::load(&app, settings.file.switch_secrets.as_deref())?;
        let lines = Keeper::of_lines(app.clone())?;
        let services = Keeper::of_retention(app.clone(), people_days(settings))?;
        let site = Site::with_applications(app.clone(), catalogue, options, applications)
            .map_err(|error| Fault::new("serve.site").about(error))?;
        let (stop, mut stopped) = watch::channel(false);
        let until = async move {
            // Ends as well when the sender is gone: nobody is left to stop it then.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let checks = match grpc {
            Some(listener) => Some(checks(&runtime, site.clone(), listener, stop.subscribe())?),
            None => None,
        };
        let serving = runtime.spawn(serve(site, listener, until));
        Ok(Self {
            app,
            desk,
            url,
            here,
            authority,
            runtime,
            serving,
            checks,
            stop,
            assessor,
            admin,
            integrity,
            decisions,
            lines,
            services,
            checkpoints,
            settler,
            notices,
            postman,
        })
    }

    /// Tells every alarm on the terminal, in its language, once for as long as it lasts.
    pub fn tell_alarms(&self, output: Output) {
        let mut alarms = self.app.follow_alarms();
        self.runtime.spawn(async move {
            let mut told: Vec<Reason> = Vec::new();
            loop {
                let raised: Vec<Reason> = alarms
                    .borrow_and_update()
                    .values()
                    .flatten()
                    .cloned()
                    .collect();
                for reason in raised.iter().filter(|reason| !told.contains(reason)) {
                    output.fault(&Fault::of(reason.clone()));
                }
                told = raised;
                // The sender is gone when the application is: nothing more is told then.
                if alarms.changed().await.is_err() {
                    return;
                }
            }
        });
    }

    /// Tells by which fingerprint browsers and devices know it, where its authority is its own.
    pub fn tell_authority(&self, output: &Output) {
        if let Some(fingerprint) = &self.authority {
            let said = [("fingerprint", Arg::from(fingerprint))];
            output.note(output.text("cli.up.authority", &said));
            let said = [("url", Arg::from(&self.url))];
            output.note(output.text("cli.up.authority_how", &said));
        }
    }

    /// Waits for a signal, or for the server to fail, and stops everything in order, what is to be stopped
    /// before the server first.
    ///
    /// # Errors
    /// `serve.failed` when the server ended by itself.
    pub fn run_until_signal_then(
        mut self,
        mut signals: Signals,
        first: impl FnOnce(),
    ) -> Result<(), Fault> {
        let failed = self.runtime.block_on(async {
            tokio::select! {
                () = signals.wait() => None,
                ended = &mut self.serving => Some(ended),
            }
        });
        let ended_by_itself = failed.is_some();
        first();
        self.stop();
        if ended_by_itself {
            Err(Fault::new("serve.failed"))
        } else {
            Ok(())
        }
    }

    /// Stops everything: no new requests, those under way finish, what is queued is written.
    pub fn stop(mut self) {
        self.stop.send_replace(true);
        if !self.serving.is_finished() {
            let ended = self.runtime.block_on(&mut self.serving);
            if let Ok(Err(error)) = ended {
                tracing::error!(code = error.code(), %error, "the console ended with an error");
            }
        }
        if let Some(checks) = self.checks.take() {
            // Proxies keep their connections open: whoever asks from now on is let through nowhere.
            checks.abort();
        }
        self.admin.close();
        self.notices.stop();
        self.postman.stop();
        self.integrity.stop();
        self.lines.stop();
        // After whoever still asks on his own: what was answered is kept.
        self.decisions.stop();
        self.services.stop();
        self.settler.stop();
        self.app.stop();
        self.assessor.join();
        // Last: what the writer has just written leaves too.
        self.checkpoints.stop();
    }
}

/// Where the service runs, and the port as it listens there.
fn runtime(
    listener: std::net::TcpListener,
) -> Result<(tokio::runtime::Runtime, TcpListener), Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener)?
    };
    Ok((runtime, listener))
}

fn delivery(mail: Option<MailSettings>) -> Delivery {
    Delivery {
        mail,
        ..Delivery::default()
    }
}

/// What the postman needs to know.
fn letters(settings: &Settings, mail: Option<MailSettings>, url: &str) -> PostmanSettings {
    let mut letters = PostmanSettings::new(mail, url.to_owned());
    if let Some(lead) = settings.file.mail.as_ref().and_then(|mail| mail.end_lead) {
        letters.end_lead = lead;
    }
    letters
}

/// The port, taken before anything else is touched, so that a taken one changes nothing.
pub struct Door {
    listener: std::net::TcpListener,
    address: SocketAddr,
    grpc: Option<std::net::TcpListener>,
}

impl Door {
    /// Takes the port.
    ///
    /// # Errors
    /// `serve.port-taken` and the like; `serve.no-tls` for an address that is not this machine's
    /// own while no proxy ends TLS, `serve.grpc-no-tls` for such a one of Envoy's checks while this server
    /// does not.
    pub fn open(settings: &Settings) -> Result<Self, Fault> {
        let console = options(settings, settings.listen)?;
        mail::settings(settings.file.mail.as_ref())?;
        let listener = bind(settings.listen)?;
        let address = listener.local_addr()?;
        let grpc = match settings.grpc_listen {
            Some(address) => {
                // Cookies of people's sessions pass there.
                console
                    .check_grpc(address)
                    .map_err(|error| Fault::new(error.code()).about(address))?;
                Some(bind(address)?)
            }
            None => None,
        };
        Ok(Self {
            listener,
            address,
            grpc,
        })
    }
}

fn bind(address: SocketAddr) -> Result<std::net::TcpListener, Fault> {
    let listener =
        std::net::TcpListener::bind(address).map_err(|error| bind_fault(&error, address))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Answers Envoy's checks until the server stops.
fn checks(
    runtime: &tokio::runtime::Runtime,
    site: Site,
    listener: std::net::TcpListener,
    mut stopped: watch::Receiver<bool>,
) -> Result<tokio::task::JoinHandle<()>, Fault> {
    let listener = {
        let _inside = runtime.enter();
        TcpListener::from_std(listener)?
    };
    let until = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    Ok(runtime.spawn(async move {
        if let Err(error) = serve_ext_authz(site, listener, until).await {
            tracing::error!(code = "serve.grpc", %error, "checks over gRPC ended with an error");
        }
    }))
}

fn bind_fault(error: &std::io::Error, address: SocketAddr) -> Fault {
    let code = match error.kind() {
        std::io::ErrorKind::AddrInUse => "serve.port-taken",
        std::io::ErrorKind::PermissionDenied => "serve.port-forbidden",
        std::io::ErrorKind::AddrNotAvailable => "serve.address-unknown",
        _ => return Fault::new("serve.listen").about(format!("{address}: {error}")),
    };
    Fault::new(code).about(address)
}

fn options(settings: &Settings, address: SocketAddr) -> Result<Options, Fault> {
    let mut options = Options::loopback(address);
    options.names.clone_from(&settings.file.names);
    for proxy in &settings.file.trusted_proxies {
        let parsed = proxy
            .parse()
            .map_err(|_| Fault::new("config.proxy").about(proxy))?;
        options.trusted_proxies.push(parsed);
    }
    options.stated_devices = stated_devices(settings, &options.trusted_proxies)?;
    let applications = &settings.file.forward_auth.applications;
    options.applications.clone_from(applications);
    let tls = settings.file.tls.as_ref();
    options.tls = tls.map(|tls| source(tls, &options.names)).transpose()?;
    options.https = !options.trusted_proxies.is_empty() || options.tls.is_some();
    options
        .passkey_domain
        .clone_from(&settings.file.passkey_domain);
    options.check().map_err(|error| match &error {
        OptionsError::Application { host } => Fault::new(error.code()).about(host),
        _ => Fault::new(error.code()).about(address),
    })?;
    Ok(options)
}

/// The devices that proxies may name without a certificate.
fn stated_devices(settings: &Settings, trusted: &[IpAddr]) -> Result<Vec<StatedDevice>, Fault> {
    let all = settings.file.forward_auth.stated_devices.iter();
    all.map(|said| {
        let wrong = || {
            let about = format!("{} {}", said.proxy, said.device);
            Fault::new("config.stated-device").about(about)
        };
        let proxy = said.proxy.parse().map_err(|_| wrong())?;
        let device = said.device.parse().map_err(|_| wrong())?;
        if !trusted.contains(&proxy) {
            return Err(wrong());
        }
        Ok(StatedDevice { proxy, device })
    })
    .collect()
}

fn source(tls: &Tls, names: &[String]) -> Result<TlsSource, Fault> {
    Ok(match tls {
        Tls::BuiltIn => TlsSource::BuiltIn,
        Tls::Files { certificate, key } => TlsSource::Files {
            certificate: certificate.clone(),
            key: key.clone(),
        },
        Tls::Acme(settings) => TlsSource::Acme(acme::settings(settings, names)?),
    })
}

/// Where the agent of this machine reaches the server. A certificate from elsewhere holds for the
/// server's names only.
fn here(app: &App, options: &Options) -> (String, FirstTrust) {
    let address = options.address;
    match &options.tls {
        None => (format!("http://{address}"), FirstTrust::Machine),
        Some(TlsSource::Files { .. } | TlsSource::Acme(_)) => (options.url(), FirstTrust::Machine),
        Some(TlsSource::BuiltIn) => {
            let known = FirstTrust::Authorities(app.authorities().pem(app.now()));
            if address.ip().is_unspecified() {
                (format!("https://127.0.0.1:{}", address.port()), known)
            } else {
                (format!("https://{address}"), known)
            }
        }
    }
}

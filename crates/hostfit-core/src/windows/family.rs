//! The families of Windows base images.

/// A family of Windows base images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// `windows/servercore`.
    ServerCore,
    /// `windows/nanoserver`.
    NanoServer,
    /// `windows`.
    Windows,
    /// `windows/server`.
    Server,
}

impl Family {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ServerCore, Self::NanoServer, Self::Windows, Self::Server];

    /// `servercore`, `nanoserver`, `windows`, `server`: the last part of its repository.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerCore => "servercore",
            Self::NanoServer => "nanoserver",
            Self::Windows => "windows",
            Self::Server => "server",
        }
    }

    /// The family with this [`name`](Self::name).
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }

    /// `mcr.microsoft.com/windows/servercore`.
    pub fn repository(self) -> &'static str {
        match self {
            Self::ServerCore => "mcr.microsoft.com/windows/servercore",
            Self::NanoServer => "mcr.microsoft.com/windows/nanoserver",
            Self::Windows => "mcr.microsoft.com/windows",
            Self::Server => "mcr.microsoft.com/windows/server",
        }
    }

    /// What `latest` and a name without a tag were until 2019-04-16: the image of Windows Server 2016
    /// (techcommunity.microsoft.com ba-p/393045).
    pub fn former_latest(self) -> Option<&'static str> {
        match self {
            Self::ServerCore => Some("ltsc2016"),
            Self::NanoServer => Some("sac2016"),
            // They came later.
            Self::Windows | Self::Server => None,
        }
    }
}

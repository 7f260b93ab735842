//! Fields of Always On beside those of its tunnels.

use super::Group::{Connection, Exceptions};
use super::{Kind, Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        Connection,
        "user-toggle",
        "user-toggle",
        "UIToggleEnabled",
        Kind::Boolean,
        "false",
        "The user may switch it off",
    ),
    row(
        Exceptions,
        "service",
        "services",
        "ServiceExceptions",
        Kind::Services,
        "VoiceMail=Allow",
        "A service that goes outside (Allow) or nowhere (Drop): VoiceMail, AirPrint, CellularServices, DeviceCommunication",
    ),
    row(
        Exceptions,
        "app",
        "applications",
        "ApplicationExceptions",
        Kind::Apps,
        "com.example.phone",
        "An app whose traffic goes outside (iOS 13.6)",
    ),
    row(
        Exceptions,
        "captive-web-sheet",
        "captive-web-sheet",
        "AllowCaptiveWebSheet",
        Kind::Boolean,
        "true",
        "The system's page for captive networks works outside",
    ),
    row(
        Exceptions,
        "all-captive-plugins",
        "all-captive-plugins",
        "AllowAllCaptiveNetworkPlugins",
        Kind::Boolean,
        "false",
        "Every app for captive networks works outside",
    ),
    row(
        Exceptions,
        "captive-plugins",
        "captive-plugins",
        "AllowedCaptiveNetworkPlugins",
        Kind::TextList,
        "com.example.hotspot",
        "Those that do",
    ),
];

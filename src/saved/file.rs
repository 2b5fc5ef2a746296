//! Files that are there wholly or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file: a new one beside it first, which then takes its place. What was there
/// stays until then, whatever fails, and keeps its permissions.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What a link points at is replaced, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = fs::metadata(&path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        let what = "it is no file that could be replaced";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (mut file, temporary) = create(folder, name)?;
    let written = (|| {
        file.write_all(bytes)?;
        if let Some(old) = old {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        drop(file);
        fs::rename(&temporary, &path)
    })();
    match written {
        Ok(()) => settle(folder),
        Err(error) => {
            // The error that is told is the first.
            let _ = fs::remove_file(&temporary);
            Err(error)
        }
    }
}

/// A new file, which nobody else writes to.
fn create(folder: &Path, name: &std::ffi::OsStr) -> io::Result<(File, PathBuf)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let mut own = std::ffi::OsString::from(".");
        own.push(name);
        own.push(format!(".{}.{number}.tmp", std::process::id()));
        let temporary = folder.join(own);
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary);
        match opened {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, temporary)),
        }
    }
}

/// The new name survives a loss of power, too, where the file system can promise it.
#[cfg(unix)]
fn settle(folder: &Path) -> io::Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    let settled = File::open(folder).and_then(|folder| folder.sync_all());
    settled.or_else(|error| match error.kind() {
        InvalidInput | PermissionDenied | Unsupported => Ok(()),
        _ => Err(error),
    })
}

#[cfg(not(unix))]
fn settle(_folder: &Path) -> io::Result<()> {
    Ok(())
}

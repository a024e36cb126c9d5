//! The one door through which files are written. Below the root of the tree no component of a path may be a link: the
//! repository may have committed it, to have something else overwritten. Outside, links are the user's own.
//! A file that is there is exchanged at once, and keeps its mode; a device, a pipe or a file outside is written in place.

use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use super::door::is_git_name;

/// Where a path leads that is to be written: nothing below `root` may be a link, or git's.
///
/// # Errors
/// A component below the root is a link or git's folder; the folder does not exist.
fn entered(path: &Path, root: &Path) -> io::Result<PathBuf> {
    let mut at = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Prefix(_) | Component::RootDir => at.push(part),
            Component::CurDir => {}
            Component::ParentDir => {
                at.pop();
            }
            Component::Normal(name) => {
                at.push(name);
                let below = at.strip_prefix(root).is_ok_and(|below| !below.as_os_str().is_empty());
                if below && is_git_name(name.as_encoded_bytes()) {
                    return Err(refused("is of git's own"));
                }
                match at.symlink_metadata() {
                    Ok(metadata) if metadata.is_symlink() && below => {
                        return Err(refused(
                            "is a symbolic link below the root of the repository, and is not followed",
                        ));
                    }
                    // Where a link of the user's leads may be the tree again. `/dev/stdout` and its like lead to no path.
                    Ok(metadata) if metadata.is_symlink() => at = at.canonicalize().unwrap_or(at),
                    Ok(_) => {}
                    // What is not there yet is no link.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(at)
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, why)
}

/// Writes a file that the command line names.
///
/// # Errors
/// Those of the system; a component below `root` is a link, or git's.
pub(crate) fn write(path: &Path, root: &Path, bytes: &[u8]) -> io::Result<()> {
    let real = entered(path, root)?;
    match std::fs::metadata(&real) {
        Ok(metadata) if !metadata.is_file() || !path.starts_with(root) => in_place(&real, metadata.is_file(), bytes),
        Ok(metadata) => exchange(&real, bytes, Some(metadata.permissions())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => exchange(&real, bytes, None),
        Err(error) => Err(error),
    }
}

fn in_place(real: &Path, truncate: bool, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).truncate(truncate).open(real)?.write_all(bytes)
}

/// Puts a file in the place of one that is there, or that is not: whoever looks sees the one or the other, never a part.
///
/// # Errors
/// Those of the system.
pub(crate) fn exchange(real: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let folder = real.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = match tempfile::NamedTempFile::new_in(folder) {
        Ok(file) => file,
        // The file may be ours where its folder is not.
        Err(_) if permissions.is_some() => return in_place(real, true, bytes),
        Err(error) => return Err(error),
    };
    file.write_all(bytes)?;
    // Temporary files are for their owner's eyes only; this one is to be as the one it replaces, or as any new file.
    let permissions = match permissions {
        Some(permissions) => permissions,
        None => std::fs::File::create_new(real)?.metadata()?.permissions(),
    };
    file.as_file().set_permissions(permissions)?;
    file.persist(real).map_err(|error| error.error)?;
    Ok(())
}

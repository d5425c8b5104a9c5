//! The files that worlds are read from and kept in

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

pub(super) fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))
}

/// Whether a file can be written there, before hours of work are to be
pub(super) fn check_place(file: &Path) -> anyhow::Result<()> {
    let folder = folder(file);
    if !folder.is_dir() {
        bail!("`--save {}`: there is no directory `{}`; make it first", file.display(), folder.display());
    }
    if file.is_dir() {
        bail!("`--save {}`: that is a directory; name a file", file.display());
    }
    Ok(())
}

/// Writes all of it or leaves what was there: beside it first, then in its place
pub(super) fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let draft = folder(file).join(format!(".{name}.{}.draft", std::process::id()));
    let written = File::create(&draft).and_then(|mut draft| {
        draft.write_all(text.as_bytes())?;
        draft.write_all(b"\n")?;
        draft.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&draft, file));
    if placed.is_err() {
        // Half a world is of no use to anybody.
        let _gone = fs::remove_file(&draft);
    }
    placed.with_context(|| format!("cannot write `{}`", file.display()))
}

fn folder(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_of(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("grantctl-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_is_replaced_whole_and_no_draft_stays_behind() {
        let folder = folder_of("replaced");
        let file = folder.join("world.json");
        write(&file, "one").unwrap();
        write(&file, "two").unwrap();
        assert_eq!(read(&file).unwrap(), "two\n");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_cannot_be_put_in_place_leaves_no_draft_behind() {
        let folder = folder_of("refused");
        let taken = folder.join("world.json");
        fs::create_dir_all(taken.join("full")).unwrap();
        assert!(write(&taken, "one").is_err());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_place_is_refused_before_anything_is_served() {
        let missing = check_place(Path::new("/no/such/world.json")).unwrap_err().to_string();
        assert_eq!(missing, "`--save /no/such/world.json`: there is no directory `/no/such`; make it first");
        assert!(check_place(&std::env::temp_dir()).is_err());
        assert!(check_place(Path::new("world.json")).is_ok());
    }
}

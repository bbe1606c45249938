use crate::text::words;

words!(
    /// A processor architecture, spelled as in `manifest.json` and `uname -m`.
    Arch, "architecture", {
        /// 64-bit x86, also called amd64.
        X86_64 = "x86_64",
        /// 64-bit ARM, also called arm64.
        Aarch64 = "aarch64",
        /// 32-bit x86.
        X86 = "x86",
        /// 32-bit ARM.
        Arm = "arm",
        /// 64-bit little-endian POWER.
        Ppc64le = "ppc64le",
        /// 64-bit RISC-V.
        Riscv64 = "riscv64",
        /// 64-bit IBM Z.
        S390x = "s390x",
        /// 64-bit `LoongArch`.
        Loongarch64 = "loongarch64",
    }
);

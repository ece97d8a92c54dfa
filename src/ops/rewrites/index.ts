/** Rules that save work once, when a program is compiled (core/compile/rewrite.ts). Importing this puts them in force. */
import "./conv-of-broadcast.js"
import "./one-hot.js"
import "./sum-of-conv.js"

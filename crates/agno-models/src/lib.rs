//! Wire codecs of model providers and the table that names them.
